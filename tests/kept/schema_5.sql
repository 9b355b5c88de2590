BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE regsweep_alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	PRIMARY KEY (version_num)
);
INSERT INTO "regsweep_alembic_version" VALUES('0005');
CREATE TABLE regsweep_boundary (
	study_id INTEGER NOT NULL, 
	penalty VARCHAR(40) NOT NULL, 
	layer VARCHAR(400) NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	best FLOAT, 
	best_low FLOAT, 
	best_high FLOAT, 
	overfitting_ends FLOAT, 
	overfitting_ends_low FLOAT, 
	overfitting_ends_high FLOAT, 
	underfitting_starts FLOAT, 
	underfitting_starts_low FLOAT, 
	underfitting_starts_high FLOAT, 
	width_decades FLOAT, 
	rho FLOAT, 
	best_loss FLOAT, 
	threshold_loss FLOAT, 
	null_loss FLOAT, 
	strength_min FLOAT, 
	strength_1se FLOAT, 
	verdict TEXT NOT NULL, 
	overfitting_verdict TEXT NOT NULL, 
	overfitting_cause TEXT NOT NULL, 
	underfitting_verdict TEXT NOT NULL, 
	underfitting_cause TEXT NOT NULL, 
	design TEXT NOT NULL, 
	sentence TEXT NOT NULL, 
	advice TEXT NOT NULL, 
	n_strengths INTEGER NOT NULL, 
	n_resamples INTEGER NOT NULL, 
	PRIMARY KEY (study_id, penalty, layer, metric), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_boundary" VALUES(1,'decay','all','val_loss',2.54829674797934667071e-03,2.54829674797934667071e-03,10.0,NULL,NULL,4.40765777016894899631e-02,0.654555264188154,2.16408194819978833001e-01,NULL,NULL,0.05,1.57278527472997242675e+00,1.60927645912759476054e+00,2.30260896268242,0.001,1.0,'inconclusive','inconclusive','undetermined','found','underfitting','resample','decay: harmful overfitting inconclusive: it ends below 0.044, if there is any; underfitting starts at 0.65 [0.22, above 10] (val_loss, 95 %)','About 1 more resample would settle it. The ladder ended: all 5 strengths of the budget are used.',5,2);
INSERT INTO "regsweep_boundary" VALUES(1,'decay','all','val_accuracy',1.24093776075171954853e-01,0.001,10.0,NULL,NULL,0.763640314504825,2.35249255283569436159e+00,3.4510906298734496389e-02,NULL,NULL,0.05,5.78336266818452737759e-01,5.94419453403024267146e-01,8.99999998509883880615e-01,0.1,1.0,'inconclusive','inconclusive','undetermined','found','underfitting','resample','decay: harmful overfitting inconclusive: it ends below 0.76, if there is any; underfitting starts at 2.4 [0.035, above 10] (val_accuracy, 95 %)','No number of resamples on these data would settle it: only more data can.',5,2);
CREATE TABLE regsweep_curve (
	run_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	epoch INTEGER NOT NULL, 
	value FLOAT, 
	PRIMARY KEY (run_id, metric, epoch), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_curve" VALUES(1,'batch_loss',1,2.28601813316345214843e+00);
INSERT INTO "regsweep_curve" VALUES(1,'batch_loss',2,2.02343773841857910156e+00);
INSERT INTO "regsweep_curve" VALUES(1,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(1,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(1,'train_accuracy',1,1.73469394445419311523e-01);
INSERT INTO "regsweep_curve" VALUES(1,'train_accuracy',2,3.18181812763214111328e-01);
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',1,2.13858104172354490657e+00);
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',2,1.90187479196209641152e+00);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',1,1.63888886570930480957e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',2,3.22222232818603515625e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',1,2.15113701555464);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',2,1.9254237170434660431e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',1,2.27721381187438964843e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',2,1.98228275775909423828e+00);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',2,3.13543587923049926757e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',1,2.10968270505292965211e+00);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',2,1.85549648088128305012e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',1,1.77777782082557678222e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',1,2.12538089040252886618e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',2,1.88481357240428537558e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',1,2.27548336982727050781e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',2,1.97516608238220214843e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',3,1.78390014171600341796e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',4,1.66903460025787353515e+00);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',3,3.2374769449234008789e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',4,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',1,2.10392681228650069158e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',2,1.8485305282755553069e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',3,1.71303059979029170811e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',4,1.6258792968497979281e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',3,3.27777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',1,2.1203269529673787197e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',2,1.87852550620834035655e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',3,1.7516261381614539605e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',4,1.66832370526260809207e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',1,2.27588605880737304687e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',2,1.97684705257415771484e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',3,1.78531861305236816406e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',4,1.67081916332244873046e+00);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',3,3.26530605554580688476e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',4,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',1,2.1052678772049624456e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',2,1.85016380921559120409e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',3,1.71436432932187310385e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',4,1.62849145235428127698e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',3,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',1,2.12150144726037970244e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',2,1.8799749945600827683e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',3,1.75184870289845595614e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',4,1.66923188409871525728e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',1,2.17431879043579101562e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',2,1.8429266214370727539e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',3,1.67496466636657714843e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',4,1.56209039688110351562e+00);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',2,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',4,4.22077924013137817382e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',1,1.95463430244261338053e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',2,1.73799345550059936016e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',3,1.60713990316043764394e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',4,1.51293945888226688545e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',1,1.94876897806922588785e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',2,1.72927527131719727115e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',3,1.60177953030086217545e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',4,1.5047054261383083773e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',1,2.17548012733459472656e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',2,1.84597718715667724609e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',3,1.67954134941101074218e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',4,1.56818556785583496093e+00);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',1,3.06122452020645141601e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',2,3.7569573521614074707e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',3,4.09090906381607055664e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',4,0.423933207988739);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',1,1.95767782596743389333e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',2,1.74170420752883181592e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',3,1.61266568604448945478e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',4,1.52022840947272164235e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',3,4.0833333134651184082e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',4,4.36111122369766235351e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',1,1.95161477302511543463e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',2,1.73206105805519561258e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',3,1.60565046645287012871e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',4,1.51080367182277974791e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',1,2.2897472381591796875e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',2,2.24671292304992675781e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',3,2.21467828750610351562e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',4,2.17940878868103027343e+00);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',1,1.17810763418674468994e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',2,1.15955471992492675781e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',3,2.71799623966217041015e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',4,2.61595547199249267578e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',1,2.25639212319492621361e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',2,2.23198162104955200035e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',3,2.19314968608084770451e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',4,2.16413435909434026527e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',1,1.19444444775581359863e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',2,1.11111111938953399658e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',3,2.66666680574417114257e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',4,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',1,2.2528391940726173459e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',2,2.2288660579257539851e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',3,2.19070755408869866087e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',4,2.16163136892848539716e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',1,2.19485783576965332031e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',2,1.91925644874572753906e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',3,1.78202676773071289062e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',4,1.66317689418792724609e+00);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',1,1.99664075650509742487e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',2,1.83018564771176595051e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',3,1.70576591660477672185e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',4,1.6083449930633402225e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',1,1.9985239874985483155e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',2,1.84208781465681070699e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',3,1.73156353445309729721e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',4,1.6456749240712573723e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',1,2.1743068695068359375e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',2,1.84289681911468505859e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',3,1.67492032051086425781e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',4,1.56203043460845947265e+00);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',2,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',4,4.22077924013137817382e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',1,1.9546039818141589528e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',2,1.73795703103582699355e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',3,1.60708528334803624204e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',4,1.51286678878739055953e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',1,3.00000011920928955078e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',1,1.94874076272050533731e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',2,1.72924819723185563269e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',3,1.60174143355753684225e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',4,1.50465167108923192351e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',1,2.1744232177734375e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',2,1.84319567680358886718e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',3,1.67536568641662597656e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',4,1.56265854835510253906e+00);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',2,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',4,4.23005551099777221679e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',1,1.95490743794887977813e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',2,1.73832151965550907313e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',3,1.60763209835662479463e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',4,1.5136112865744804079e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',1,1.94902331423428321066e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',2,1.72951960673348770214e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',3,1.60212373309251332464e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',4,1.50533458785050444639e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',1,2.18628191947937);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',2,1.88098609447479248046e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',3,1.72954857349395751953e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',4,1.63233840465545654296e+00);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',1,3.17254185676574707031e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',2,3.79406303167343139648e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',3,4.14656758308410644531e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',4,4.28571432828903198242e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',1,1.98765491714946418433e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',2,1.78424725027716890579e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',3,1.67130517426028091243e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',4,1.59432481849956597663e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',1,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',2,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',3,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',4,4.52777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',1,1.98081181314256449255e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',2,1.76969753516217065403e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',3,1.65510407032238116009e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',4,1.57820389154884543891e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',1,2.19484972953796386718e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',2,1.91923987865448);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',3,1.78205788135528564453e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',4,1.66298305988311767578e+00);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',1,1.9966214215573);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',2,1.83016181720596970983e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',3,1.70572407350310428775e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',4,1.60826343115840741937e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',1,1.99850658174190254356e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',2,1.84206846535412793741e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',3,1.73161660538365436146e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',4,1.64572054952279556161e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',1,2.28790688514709472656e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',2,2.24959039688110351562e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',3,2.23328185081481933593e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',4,2.20215201377868652343e+00);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',1,2.25417435169219970703e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',2,2.35621526837348937988e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',3,2.65306115150451660156e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',4,2.70871996879577636718e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',1,2.25701990198337076876e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',2,2.24468759349193103247e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',3,2.21735072301800917315e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',4,2.18024183834638574097e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',1,2.30555549263954162597e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',2,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',3,2.58333325386047363281e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',4,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',1,2.25802026920848408764e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',2,2.24637444946501);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',3,2.21973904305034208661e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',4,2.18355759978294372558e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',1,2.203960418701171875e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',2,1.94317698478698730468e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',3,1.82181882858276367187e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',4,1.72327160835266113281e+00);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',2,2.90352493524551391601e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',3,3.73840451240539550781e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',4,3.73840451240539550781e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',1,2.02105992009555679445e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',2,1.86334857131062503476e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',3,1.75796340808880580119e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',4,1.67734740388360226148e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',1,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',2,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',3,3.86111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',1,2.0215770468943650151e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',2,1.87138888794514857139e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',3,1.7755442619116770242e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',4,1.70298085924651898537e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',1,2.19493079185485839843e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',2,1.91939878463745117187e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',3,1.78230953216552734375e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',4,1.66351532936096191406e+00);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',3,3.57142865657806396484e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',1,1.99681469538216238568e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',2,1.83034250836522205396e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',3,1.70599708350544632118e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',4,1.6087558451912093993e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',1,1.99868061488701243e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',2,1.84217143053602838698e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',3,1.73176149402020707057e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',4,1.64609428533456392251e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',1,2.19566702842712402343e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',2,1.92090570926666259765e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',3,1.78498566150665283203e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',4,1.66821825504302978515e+00);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',1,2.93135434389114379882e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',4,3.82189244031906127929e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',1,1.99860063037646717987e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',2,1.832724858816637159e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',3,1.70990063347862353282e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',4,1.61383955039477910986e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',2,2.47222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',3,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',1,2.0002930534796581341e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',2,1.84452459641421828706e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',3,1.73445314467988076501e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',4,1.6487639206772048972e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',1,2.23634934425354);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',2,1.91125762462615966796e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',3,1.71459138393402099609e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',4,1.59293913841247558593e+00);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'test_loss',4,1.5927808913389287504e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',1,2.03006402750072778573e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',2,1.78450599710192658875e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',3,1.63947021769764034182e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',4,1.5424272037182065187e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',1,2.01223475163181619862e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',2,1.7796157289296388182e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',3,1.64814857546654014441e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',4,1.55102999440083899607e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',1,2.23825192451477050781e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',2,1.94732975959777832031e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',3,1.77832007408142089843e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',4,1.66345262527465820312e+00);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(18,'test_loss',4,1.62718661403423570099e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',1,2.05070315893041410504e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',2,1.83651560615464792824e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',3,1.69656473700931642589e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',4,1.60216720161721082327e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',1,2.05571387422581519643e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',2,1.85664270263579167519e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',3,1.73406536490139040473e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',4,1.63606331468456311917e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',1,2.236358642578125e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',2,1.91129517555236816406e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',3,1.71464002132415771484e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',4,1.59300220012664794921e+00);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(19,'test_loss',4,1.5928365364670753479e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',1,2.03009292303631161402e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',2,1.78455138726916739955e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',3,1.63952862484819483768e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',4,1.54249948053750340903e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',1,2.01226850532823142714e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',2,1.77966543717516789691e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',3,1.64821098384757847021e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',4,1.55110180231018190966e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',1,2.23825764656066894531e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',2,1.94736480712890625e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',3,1.77837967872619628906e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',4,1.66352891921997070312e+00);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(20,'test_loss',4,1.62726135796823201395e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',1,2.05072722723621181373e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',2,1.83656510084535717908e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',3,1.6966356215566562593e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',4,1.60225211249764631915e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',1,2.05573410900930575451e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',2,1.85668332920306267119e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',3,1.73412032212234201722e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',4,1.63613469099832897768e+00);
CREATE TABLE regsweep_layer (
	run_id INTEGER NOT NULL, 
	layer VARCHAR(400) NOT NULL, 
	place INTEGER NOT NULL, 
	strength FLOAT NOT NULL, 
	norm FLOAT, 
	zeros INTEGER NOT NULL, 
	weights INTEGER NOT NULL, 
	PRIMARY KEY (run_id, layer), 
	CONSTRAINT regsweep_layer_strength_check CHECK (strength >= 0), 
	CONSTRAINT regsweep_layer_zeros_check CHECK (zeros >= 0 AND zeros <= weights), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_layer" VALUES(1,'hidden1',0,1.03384544870930161764e+00,1.8057466745376586914e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(1,'output',1,1.03384544870930161764e+00,1.44734203815460205078e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(2,'hidden1',0,0.173724975649347,2.04381489753723144531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(2,'output',1,0.173724975649347,1.75407397747039794921e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(3,'hidden1',0,4.10889341895743880062e-03,2.76542997360229492187e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(3,'output',1,4.10889341895743880062e-03,2.38420081138610839843e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(4,'hidden1',0,4.36313202255625559589e-02,2.74399042129516601562e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(4,'output',1,4.36313202255625559589e-02,2.35077619552612304687e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(5,'hidden1',0,0.001,2.65689778327941894531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(5,'output',1,0.001,3.03260755538940429687e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(6,'hidden1',0,0.1,2.61525321006774902343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(6,'output',1,0.1,2.91934823989868164062e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(7,'hidden1',0,10.0,0.70203697681427,0,128);
INSERT INTO "regsweep_layer" VALUES(7,'output',1,10.0,4.85187411308288574218e-01,0,20);
INSERT INTO "regsweep_layer" VALUES(8,'hidden1',0,0.001,2.28296995162963867187e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(8,'output',1,0.001,2.91859006881713867187e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(9,'hidden1',0,0.0,2.65731501579284667968e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(9,'output',1,0.0,3.0338001251220703125e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(10,'hidden1',0,0.01,2.65354681015014648437e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(10,'output',1,0.01,3.02196907997131347656e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(11,'hidden1',0,1.0,2.28096699714660644531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(11,'output',1,1.0,2.12111759185791,0,20);
INSERT INTO "regsweep_layer" VALUES(12,'hidden1',0,0.0,2.28391861915588378906e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(12,'output',1,0.0,2.91933941841125488281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(13,'hidden1',0,10.0,0.636660635471344,0,128);
INSERT INTO "regsweep_layer" VALUES(13,'output',1,10.0,0.463411420583725,0,20);
INSERT INTO "regsweep_layer" VALUES(14,'hidden1',0,1.0,2.00050830841064453125e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(14,'output',1,1.0,2.08987927436828613281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(15,'hidden1',0,0.01,2.28066301345825195312e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(15,'output',1,0.01,2.90836834907531738281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(16,'hidden1',0,0.1,2.25149655342102050781e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(16,'output',1,0.1,2.815364837646484375e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(17,'hidden1',0,0.0,2.65565919876098632812e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(17,'output',1,0.0,2.78948068618774414062e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(18,'hidden1',0,0.0,2.32341241836547851562e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(18,'output',1,0.0,2.980426788330078125e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(19,'hidden1',0,0.001,2.65522170066833496093e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(19,'output',1,0.001,2.78847169876098632812e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(20,'hidden1',0,0.001,2.32291722297668457031e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(20,'output',1,0.001,2.97930049896240234375e+00,0,20);
CREATE TABLE regsweep_lease (
	study_id INTEGER NOT NULL, 
	token VARCHAR(32) NOT NULL, 
	host VARCHAR(200) NOT NULL, 
	process BIGINT NOT NULL, 
	started VARCHAR(40) NOT NULL, 
	renewed_at FLOAT NOT NULL, 
	PRIMARY KEY (study_id), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
CREATE TABLE regsweep_occupancy (
	study_id INTEGER NOT NULL, 
	launch INTEGER NOT NULL, 
	place INTEGER NOT NULL, 
	phase VARCHAR(10) NOT NULL, 
	start_seconds FLOAT NOT NULL, 
	seconds FLOAT NOT NULL, 
	occupied FLOAT NOT NULL, 
	slots FLOAT NOT NULL, 
	waiting FLOAT NOT NULL, 
	PRIMARY KEY (study_id, launch, place), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_occupancy" VALUES(1,1,0,'explore',3.37957659940002486109e-02,3.01781018002657219767e-01,4.0,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,1,'explore',3.35576783996657468378e-01,2.60875897001824341714e-01,2.43985880385028597316e+00,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,2,'path',6.14765626000007614493e-01,2.73869522003224119544e-01,8.0,8.0,4.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,3,'path',8.88635148003231734037e-01,2.55057710994151420891e-01,5.50936224772737404009e+00,8.0,1.50936224772737381805e+00);
INSERT INTO "regsweep_occupancy" VALUES(1,1,4,'path',1.14369285899738315492e+00,1.62998514002538286149e-01,3.41478715565306822909e+00,8.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,5,'confirm',1.45653362000302877277e+00,2.52450302999932318925e-01,4.0,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,6,'confirm',1.70898392300296109169e+00,2.83476699987659230828e-02,2.0,4.0,0.0);
CREATE TABLE regsweep_run (
	id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	resample INTEGER NOT NULL, 
	fold INTEGER NOT NULL, 
	replicate INTEGER NOT NULL, 
	split_seed BIGINT NOT NULL, 
	seed BIGINT NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	epochs INTEGER NOT NULL, 
	val_loss FLOAT, 
	train_loss FLOAT, 
	val_accuracy FLOAT, 
	train_accuracy FLOAT, 
	test_loss FLOAT, 
	test_accuracy FLOAT, 
	null_loss FLOAT, 
	null_accuracy FLOAT, 
	penalty_loss FLOAT, 
	best_val_loss FLOAT, 
	best_epoch FLOAT, 
	weight_norm FLOAT, 
	zeros FLOAT, 
	n_weights FLOAT, 
	seconds FLOAT NOT NULL, 
	note TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (trial_id, number), 
	CONSTRAINT regsweep_run_state_check CHECK (state IN ('waiting', 'running', 'complete', 'pruned', 'diverged', 'failed')), 
	CONSTRAINT regsweep_run_epochs_check CHECK (epochs >= 0), 
	CONSTRAINT regsweep_run_seconds_check CHECK (seconds >= 0), 
	FOREIGN KEY(trial_id) REFERENCES regsweep_trial (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_run" VALUES(1,2,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.9254237170434660431e+00,1.90187479196209641152e+00,3.22222232818603515625e-01,3.18181812763214111328e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.9254237170434660431e+00,2.0,2.3141996517183494042e+00,0.0,148.0,5.79005769977811723947e-02,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(2,3,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.88481357240428537558e+00,1.85549648088128305012e+00,3.08333337306976318359e-01,3.13543587923049926757e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.88481357240428537558e+00,2.0,2.69331670136171430485e+00,0.0,148.0,5.75399579975055530667e-02,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(3,4,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.66832370526260809207e+00,1.6258792968497979281e+00,3.69444429874420166015e-01,3.78478676080703735351e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.66832370526260809207e+00,4.0,3.65130339028574368853e+00,0.0,148.0,1.67299668988562189042e-01,'');
INSERT INTO "regsweep_run" VALUES(4,1,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.66923188409871525728e+00,1.62849145235428127698e+00,0.375,3.77551019191741943359e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.66923188409871525728e+00,4.0,3.61325783104553677205e+00,0.0,148.0,1.81011880995356477797e-01,'');
INSERT INTO "regsweep_run" VALUES(5,6,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.5047054261383083773e+00,1.51293945888226688545e+00,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.5047054261383083773e+00,4.0,4.03184999916911479544e+00,0.0,148.0,6.73936780003714375197e-02,'');
INSERT INTO "regsweep_run" VALUES(6,8,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.51080367182277974791e+00,1.52022840947272164235e+00,4.36111122369766235351e-01,0.423933207988739,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.51080367182277974791e+00,4.0,3.91945704129656169456e+00,0.0,148.0,6.73936780003714375197e-02,'');
INSERT INTO "regsweep_run" VALUES(7,10,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,2.16163136892848539716e+00,2.16413435909434026527e+00,2.72222220897674560546e-01,2.61595547199249267578e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.16163136892848539716e+00,4.0,8.53383114964526567902e-01,0.0,148.0,6.73936780003714375197e-02,'');
INSERT INTO "regsweep_run" VALUES(8,6,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.6456749240712573723e+00,1.6083449930633402225e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.6456749240712573723e+00,4.0,3.70541762691358,0.0,148.0,6.73936780003714375197e-02,'');
INSERT INTO "regsweep_run" VALUES(9,5,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50465167108923192351e+00,1.51286678878739055953e+00,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50465167108923192351e+00,4.0,4.033021980147,0.0,148.0,6.27246244985144585371e-02,'');
INSERT INTO "regsweep_run" VALUES(10,7,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50533458785050444639e+00,1.5136112865744804079e+00,4.33333337306976318359e-01,4.23005551099777221679e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50533458785050444639e+00,4.0,4.02164242492550361163e+00,0.0,148.0,6.27246244985144585371e-02,'');
INSERT INTO "regsweep_run" VALUES(11,9,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.57820389154884543891e+00,1.59432481849956597663e+00,4.52777773141860961914e-01,4.28571432828903198242e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.57820389154884543891e+00,4.0,3.11479538341784278898e+00,0.0,148.0,6.27246244985144585371e-02,'');
INSERT INTO "regsweep_run" VALUES(12,5,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64572054952279556161e+00,1.60826343115840741937e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64572054952279556161e+00,4.0,3.70659235670941855644e+00,0.0,148.0,6.27246244985144585371e-02,'');
INSERT INTO "regsweep_run" VALUES(13,10,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,2.18355759978294372558e+00,2.18024183834638574097e+00,2.61111110448837280273e-01,2.70871996879577636718e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.18355759978294372558e+00,4.0,7.874559730462405982e-01,0.0,148.0,9.93678229970100801438e-02,'');
INSERT INTO "regsweep_run" VALUES(14,9,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.70298085924651898537e+00,1.67734740388360226148e+00,0.375,3.73840451240539550781e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.70298085924651898537e+00,4.0,2.89303108753676063713e+00,0.0,148.0,9.93678229970100801438e-02,'');
INSERT INTO "regsweep_run" VALUES(15,7,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64609428533456392251e+00,1.6087558451912093993e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64609428533456392251e+00,4.0,3.6959478127889688892e+00,0.0,148.0,1.07328669004346011206e-01,'');
INSERT INTO "regsweep_run" VALUES(16,8,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.6487639206772048972e+00,1.61383955039477910986e+00,4.02777791023254394531e-01,3.82189244031906127929e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.6487639206772048972e+00,4.0,3.60492938892330450073e+00,0.0,148.0,1.07328669004346011206e-01,'');
INSERT INTO "regsweep_run" VALUES(17,11,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55102999440083899607e+00,1.5424272037182065187e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.5927808913389287504e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55102999440083899607e+00,4.0,3.85145794194591850612e+00,0.0,148.0,7.77272050036117434501e-02,'');
INSERT INTO "regsweep_run" VALUES(18,11,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63606331468456311917e+00,1.60216720161721082327e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62718661403423570099e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63606331468456311917e+00,4.0,3.7790460577254765262e+00,0.0,148.0,7.77272050036117434501e-02,'');
INSERT INTO "regsweep_run" VALUES(19,12,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55110180231018190966e+00,1.54249948053750340903e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.5928365364670753479e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55110180231018190966e+00,4.0,3.85042552122372905287e+00,0.0,148.0,9.63648379984078928828e-02,'');
INSERT INTO "regsweep_run" VALUES(20,12,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63613469099832897768e+00,1.60225211249764631915e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62726135796823201395e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63613469099832897768e+00,4.0,3.77785334388715154929e+00,0.0,148.0,9.63648379984078928828e-02,'');
CREATE TABLE regsweep_run_metric (
	run_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (run_id, metric), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE regsweep_study (
	id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	text TEXT NOT NULL, 
	facts JSON NOT NULL, 
	winner INTEGER, 
	created_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "regsweep_study" VALUES(1,'kept','51f80e4cc97c711f2e10cd860d8585fe364738a7192aa15a1dc6a28fdf9953f6','[study]
name = "kept"
question = "What did a database of schema version 5 hold?"
[data]
name = "digits"
[model]
hidden = [2]
[training]
lr = 1e-2
epochs = 4
[search]
penalties = ["decay"]
strength = { low = 1e-3, high = 10.0 }
trials = 4
round = 2
[path]
points = 5
resamples = 2
','{"question": "What did a database of schema version 5 hold?", "objective": "val_loss", "maximize": false, "seed": 0, "design": "resample", "folder": "/home/me/studies", "penalties": ["decay"], "cocktail": [], "layers_mode": "shared", "optimizer": "adamw", "pruner": "halving", "rungs": [2, 3], "versions": {"regsweep": "0.1.0", "torch": "2.13.0+cpu", "optuna": "5.0.0", "sqlalchemy": "2.1.9", "pandas": "3.1.1", "plotly": "7.1.0", "numpy": "2.4.6", "scipy": "1.17.1"}, "git_commit": "", "task": "classification", "data_fingerprint": "497440707594d8dc8be14d8bd9af11cab673932f40aef30d47f7e40b25d0a68a", "n_train": 1078, "n_validation": 360, "n_test": 359, "n_folds": null, "n_outputs": 10, "n_parameters": 160, "layers": ["hidden1", "output"], "layer_groups": {}, "profile": "even", "profile_factors": {}, "same_weights": false, "scale_invariant": {}, "zeroing_strengths": {}, "timescale": null, "copied_rows": 0, "missing_classes": [], "epochs": 4, "batch_size": 64, "steps_per_epoch": 16, "precision": "float32", "stacked": true, "why_alone": "", "hardware": {"device": "cpu", "processor": "Intel(R) Xeon(R) Processor @ 2.50GHz", "threads": "1", "cores": "2", "system": "Linux x86_64"}, "idle_parameters": [], "parity": {"stacked": 4.2593644118507574e-16}, "unpruned_fingerprint": "1d65afdc260c76b699acee20aa8aa2b6b8ae81441e7108ecb2c2d9da88b0e013", "timescale_unit": "run", "accumulate": 1, "schedule": "constant", "schedule_numbers": {"warmup": 0.0, "final_lr": 0.0, "gamma": 0.1, "cooldown": 0.2, "penalty_from": 0.0, "penalty_until": 1.0}, "milestones": [], "factors": 64.0, "metrics": {}, "divided_by": "rows", "n_groups": null, "overlap": null, "weighted": false, "loss": "cross_entropy", "loss_weighted": false, "target_scaled": false, "loop": "", "source": "", "no_path": {}, "null_from_strongest": false}',11,'2026-11-28 21:42:11.245028','2026-11-28 21:42:13.946090');
CREATE TABLE regsweep_trial (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	phase VARCHAR(10) NOT NULL, 
	round INTEGER NOT NULL, 
	penalty VARCHAR(40) NOT NULL, 
	strength FLOAT NOT NULL, 
	strengths JSON NOT NULL, 
	params JSON NOT NULL, 
	lr FLOAT NOT NULL, 
	optimizer VARCHAR(20) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	n_runs INTEGER NOT NULL, 
	val_loss FLOAT, 
	val_loss_se FLOAT, 
	val_accuracy FLOAT, 
	train_loss FLOAT, 
	train_accuracy FLOAT, 
	test_loss FLOAT, 
	test_accuracy FLOAT, 
	gap FLOAT, 
	epochs FLOAT, 
	seconds FLOAT, 
	role VARCHAR(20) NOT NULL, 
	layer VARCHAR(200) NOT NULL, 
	parent INTEGER, 
	PRIMARY KEY (id), 
	UNIQUE (study_id, number), 
	CONSTRAINT regsweep_trial_role_check CHECK (role IN ('setting', 'point', 'control', 'without', 'only', 'default', 'gradient_boosting')), 
	CONSTRAINT regsweep_trial_phase_check CHECK (phase IN ('explore', 'path', 'confirm', 'control', 'ablation', 'baseline')), 
	CONSTRAINT regsweep_trial_strength_check CHECK (strength >= 0), 
	CONSTRAINT regsweep_trial_state_check CHECK (state IN ('waiting', 'running', 'complete', 'pruned', 'diverged', 'failed')), 
	CONSTRAINT regsweep_trial_n_runs_check CHECK (n_runs >= 0), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_trial" VALUES(1,1,0,'explore',0,'decay',4.36313202255625559589e-02,'{"hidden1": 0.043631320225562556, "output": 0.043631320225562556}','{}',0.01,'adamw','complete',1,1.66923188409871525728e+00,NULL,0.375,1.62849145235428127698e+00,3.77551019191741943359e-01,NULL,NULL,4.07404317444339802989e-02,4.0,1.81011880995356477797e-01,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(2,1,1,'explore',0,'decay',1.03384544870930161764e+00,'{"hidden1": 1.0338454487093016, "output": 1.0338454487093016}','{}',0.01,'adamw','pruned',1,1.9254237170434660431e+00,NULL,3.22222232818603515625e-01,1.90187479196209641152e+00,3.18181812763214111328e-01,NULL,NULL,2.35489250813696315844e-02,2.0,5.79005769977811723947e-02,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(3,1,2,'explore',1,'decay',0.173724975649347,'{"hidden1": 0.173724975649347, "output": 0.173724975649347}','{}',0.01,'adamw','pruned',1,1.88481357240428537558e+00,NULL,3.08333337306976318359e-01,1.85549648088128305012e+00,3.13543587923049926757e-01,NULL,NULL,2.93170915230023254594e-02,2.0,5.75399579975055530667e-02,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(4,1,3,'explore',1,'decay',4.10889341895743880062e-03,'{"hidden1": 0.004108893418957439, "output": 0.004108893418957439}','{}',0.01,'adamw','complete',1,1.66832370526260809207e+00,NULL,3.69444429874420166015e-01,1.6258792968497979281e+00,3.78478676080703735351e-01,NULL,NULL,4.24444084128101639663e-02,4.0,1.67299668988562189042e-01,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(5,1,4,'path',0,'decay',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.57518611030601363154e+00,7.05344392167818190486e-02,4.18055564165115356445e-01,1.56056510997289898945e+00,4.030612260103225708e-01,NULL,NULL,1.4621000333114642089e-02,4.0,1.25449248997028917074e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(6,1,5,'path',0,'decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.57519017510478276378e+00,0.0704847489664745,4.18055564165115356445e-01,1.560642225972803665e+00,4.030612260103225708e-01,NULL,NULL,1.45479491319790987802e-02,4.0,1.34787356000742875039e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(7,1,6,'path',0,'decay',0.01,'{"hidden1": 0.01, "output": 0.01}','{}',0.01,'adamw','complete',2,1.57571443659253418445e+00,7.03798487420297241845e-02,4.18055564165115356445e-01,1.56118356588284479258e+00,4.03525039553642272949e-01,NULL,NULL,1.4530870709689391873e-02,4.0,1.70053293502860469743e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(8,1,7,'path',0,'decay',0.1,'{"hidden1": 0.1, "output": 0.1}','{}',0.01,'adamw','complete',2,1.57978379624999232255e+00,6.8980124427212560767e-02,4.19444456696510314941e-01,1.56703397993375048713e+00,4.030612260103225708e-01,NULL,NULL,1.27498163162418354232e-02,4.0,1.74722347004717448726e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(9,1,8,'path',0,'decay',1.0,'{"hidden1": 1.0, "output": 1.0}','{}',0.01,'adamw','complete',2,1.64059237539768210112e+00,6.23884838488367662878e-02,4.13888886570930480957e-01,1.63583611119158423008e+00,4.01205942034721374511e-01,NULL,NULL,4.75626420609787103899e-03,4.0,1.6209244749552453868e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(10,1,9,'path',0,'decay',10.0,'{"hidden1": 10.0, "output": 10.0}','{}',0.01,'adamw','complete',2,2.17259448435571478341e+00,1.09631154272291642115e-02,2.6666666567325592041e-01,2.17218809872036278107e+00,2.66233772039413452148e-01,NULL,NULL,4.06385635352002339004e-04,4.0,1.66761500997381517663e-01,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(11,1,10,'confirm',0,'none',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.59354665454270105762e+00,4.25166601418620546115e-02,3.83333325386047363281e-01,1.57229720266770867098e+00,3.90538036823272705078e-01,1.60998375268658211467e+00,3.83008360862731933593e-01,2.12494518749923866351e-02,4.0,1.554544100072234869e-01,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(12,1,11,'confirm',0,'decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.59361824665425544367e+00,4.25164443440735340118e-02,3.83333325386047363281e-01,1.57237579651757486409e+00,3.90538036823272705078e-01,1.6100489472176535699e+00,3.83008360862731933593e-01,2.12424501366805795754e-02,4.0,1.92729675996815785765e-01,'setting','',NULL);
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'kept');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MINIMIZE',1,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_system_attributes" VALUES(1,1,'study:metric_names','["val_loss"]');
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_intermediate_values" VALUES(1,1,2,1.9254237170434660431e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,2,2,1.88481357240428537558e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,3,4,1.66832370526260809207e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,4,4,1.66923188409871525728e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(5,5,4,1.57519017510478276378e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(6,6,4,1.57518611030601363154e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(7,7,4,1.64059237539768210112e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(8,8,4,2.17259448435571478341e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,9,4,1.57571443659253418445e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(10,10,4,1.57978379624999232255e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(11,11,4,1.59354665454270105762e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(12,12,4,1.59361824665425544367e+00,'FINITE');
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(2,1,'strength',1.03384544870930161764e+00,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(3,2,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(4,2,'strength',0.173724975649347,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(5,3,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(6,3,'strength',4.10889341895743880062e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(7,4,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(8,4,'strength',4.36313202255625559589e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(9,5,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(10,5,'strength',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(11,6,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(12,7,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(13,7,'strength',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(14,8,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(15,8,'strength',10.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(16,9,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(17,9,'strength',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(18,10,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(19,10,'strength',0.1,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(20,11,'penalty',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(21,12,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(22,12,'strength',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'regsweep_trial','1');
INSERT INTO "trial_user_attributes" VALUES(2,1,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(3,1,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(4,1,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(5,1,'state','"pruned"');
INSERT INTO "trial_user_attributes" VALUES(6,1,'strength.hidden1','1.0338454487093016');
INSERT INTO "trial_user_attributes" VALUES(7,1,'strength.output','1.0338454487093016');
INSERT INTO "trial_user_attributes" VALUES(8,2,'regsweep_trial','2');
INSERT INTO "trial_user_attributes" VALUES(9,2,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(10,2,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(11,2,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(12,2,'state','"pruned"');
INSERT INTO "trial_user_attributes" VALUES(13,2,'strength.hidden1','0.173724975649347');
INSERT INTO "trial_user_attributes" VALUES(14,2,'strength.output','0.173724975649347');
INSERT INTO "trial_user_attributes" VALUES(15,3,'regsweep_trial','3');
INSERT INTO "trial_user_attributes" VALUES(16,3,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(17,3,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(18,3,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(19,3,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(20,3,'strength.hidden1','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(21,3,'strength.output','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(22,4,'regsweep_trial','0');
INSERT INTO "trial_user_attributes" VALUES(23,4,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(24,4,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(25,4,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(26,4,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(27,4,'strength.hidden1','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(28,4,'strength.output','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(29,5,'regsweep_trial','5');
INSERT INTO "trial_user_attributes" VALUES(30,5,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(31,5,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(32,5,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(33,5,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(34,5,'strength.hidden1','0.001');
INSERT INTO "trial_user_attributes" VALUES(35,5,'strength.output','0.001');
INSERT INTO "trial_user_attributes" VALUES(36,6,'regsweep_trial','4');
INSERT INTO "trial_user_attributes" VALUES(37,6,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(38,6,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(39,6,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(40,6,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(41,6,'strength.hidden1','0.0');
INSERT INTO "trial_user_attributes" VALUES(42,6,'strength.output','0.0');
INSERT INTO "trial_user_attributes" VALUES(43,7,'regsweep_trial','8');
INSERT INTO "trial_user_attributes" VALUES(44,7,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(45,7,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(46,7,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(47,7,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(48,7,'strength.hidden1','1.0');
INSERT INTO "trial_user_attributes" VALUES(49,7,'strength.output','1.0');
INSERT INTO "trial_user_attributes" VALUES(50,8,'regsweep_trial','9');
INSERT INTO "trial_user_attributes" VALUES(51,8,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(52,8,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(53,8,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(54,8,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(55,8,'strength.hidden1','10.0');
INSERT INTO "trial_user_attributes" VALUES(56,8,'strength.output','10.0');
INSERT INTO "trial_user_attributes" VALUES(57,9,'regsweep_trial','6');
INSERT INTO "trial_user_attributes" VALUES(58,9,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(59,9,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(60,9,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(61,9,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(62,9,'strength.hidden1','0.01');
INSERT INTO "trial_user_attributes" VALUES(63,9,'strength.output','0.01');
INSERT INTO "trial_user_attributes" VALUES(64,10,'regsweep_trial','7');
INSERT INTO "trial_user_attributes" VALUES(65,10,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(66,10,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(67,10,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(68,10,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(69,10,'strength.hidden1','0.1');
INSERT INTO "trial_user_attributes" VALUES(70,10,'strength.output','0.1');
INSERT INTO "trial_user_attributes" VALUES(71,11,'regsweep_trial','10');
INSERT INTO "trial_user_attributes" VALUES(72,11,'phase','"confirm"');
INSERT INTO "trial_user_attributes" VALUES(73,11,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(74,11,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(75,11,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(76,11,'strength.hidden1','0.0');
INSERT INTO "trial_user_attributes" VALUES(77,11,'strength.output','0.0');
INSERT INTO "trial_user_attributes" VALUES(78,12,'regsweep_trial','11');
INSERT INTO "trial_user_attributes" VALUES(79,12,'phase','"confirm"');
INSERT INTO "trial_user_attributes" VALUES(80,12,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(81,12,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(82,12,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(83,12,'strength.hidden1','0.001');
INSERT INTO "trial_user_attributes" VALUES(84,12,'strength.output','0.001');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,3,0,1.66832370526260809207e+00,'FINITE');
INSERT INTO "trial_values" VALUES(2,4,0,1.66923188409871525728e+00,'FINITE');
INSERT INTO "trial_values" VALUES(3,5,0,1.57519017510478276378e+00,'FINITE');
INSERT INTO "trial_values" VALUES(4,6,0,1.57518611030601363154e+00,'FINITE');
INSERT INTO "trial_values" VALUES(5,7,0,1.64059237539768210112e+00,'FINITE');
INSERT INTO "trial_values" VALUES(6,8,0,2.17259448435571478341e+00,'FINITE');
INSERT INTO "trial_values" VALUES(7,9,0,1.57571443659253418445e+00,'FINITE');
INSERT INTO "trial_values" VALUES(8,10,0,1.57978379624999232255e+00,'FINITE');
INSERT INTO "trial_values" VALUES(9,11,0,1.59354665454270105762e+00,'FINITE');
INSERT INTO "trial_values" VALUES(10,12,0,1.59361824665425544367e+00,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'PRUNED','2026-11-28 21:42:12.232532','2026-11-28 21:42:12.626544');
INSERT INTO "trials" VALUES(2,1,1,'PRUNED','2026-11-28 21:42:12.232532','2026-11-28 21:42:12.626683');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-28 21:42:12.232532','2026-11-28 21:42:12.784338');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-28 21:42:12.232532','2026-11-28 21:42:12.799744');
INSERT INTO "trials" VALUES(5,4,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.194205');
INSERT INTO "trials" VALUES(6,5,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.219166');
INSERT INTO "trials" VALUES(7,6,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.493842');
INSERT INTO "trials" VALUES(8,7,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.493976');
INSERT INTO "trials" VALUES(9,8,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.510103');
INSERT INTO "trials" VALUES(10,9,1,'COMPLETE','2026-11-28 21:42:12.813394','2026-11-28 21:42:13.510211');
INSERT INTO "trials" VALUES(11,10,1,'COMPLETE','2026-11-28 21:42:13.655234','2026-11-28 21:42:13.913941');
INSERT INTO "trials" VALUES(12,11,1,'COMPLETE','2026-11-28 21:42:13.655234','2026-11-28 21:42:13.941593');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE VIEW trials_frame AS SELECT s.name AS study, t.number AS trial, t.phase, t.round, CASE t.role WHEN 'point' THEN t.layer WHEN 'control' THEN 'trial ' || t.parent WHEN 'without' THEN 'without ' || t.layer WHEN 'only' THEN 'only ' || t.layer WHEN 'setting' THEN '' ELSE t.role END AS path, t.penalty, t.strength, t.strengths, t.params, t.lr, t.optimizer, t.state, t.n_runs, t.val_loss, t.val_loss_se, t.val_accuracy, t.train_loss, t.train_accuracy, t.test_loss, t.test_accuracy, t.gap, t.epochs, t.seconds FROM regsweep_trial t JOIN regsweep_study s ON s.id = t.study_id;
CREATE VIEW runs_frame AS SELECT s.name AS study, t.number AS trial, r.number AS run, r.resample, r.fold, r.replicate, r.seed, r.state, r.epochs, r.val_loss, r.train_loss, r.val_accuracy, r.train_accuracy, r.test_loss, r.test_accuracy, r.null_loss, r.null_accuracy, r.penalty_loss, r.best_val_loss, r.best_epoch, r.weight_norm, r.zeros, r.n_weights, r.seconds, r.note FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id;
CREATE VIEW curves_frame AS SELECT s.name AS study, t.number AS trial, r.number AS run, c.epoch, c.metric, c.value FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_curve c ON c.run_id = r.id;
CREATE VIEW layers_frame AS SELECT s.name AS study, t.number AS trial, r.number AS run, l.layer, l.strength, l.norm, l.zeros, l.weights, l.place FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_layer l ON l.run_id = r.id;
CREATE VIEW occupancy_frame AS SELECT s.name AS study, o.launch, o.place, o.phase, o.start_seconds, o.seconds, o.occupied, o.slots, o.waiting FROM regsweep_occupancy o JOIN regsweep_study s ON s.id = o.study_id;
CREATE VIEW boundaries_frame AS SELECT s.name AS study, b.penalty, b.layer, b.metric, b.best, b.best_low, b.best_high, b.overfitting_ends, b.overfitting_ends_low, b.overfitting_ends_high, b.underfitting_starts, b.underfitting_starts_low, b.underfitting_starts_high, b.width_decades, b.rho, b.best_loss, b.threshold_loss, b.null_loss, b.strength_min, b.strength_1se, b.verdict, b.overfitting_verdict, b.overfitting_cause, b.underfitting_verdict, b.underfitting_cause, b.design, b.sentence, b.advice, b.n_strengths, b.n_resamples FROM regsweep_boundary b JOIN regsweep_study s ON s.id = b.study_id;
CREATE VIEW runs AS SELECT s.name AS study, t.number AS trial, r.number AS run, r.resample, r.fold, r.replicate, r.seed, r.state, r.epochs, r.val_loss, r.train_loss, r.val_accuracy, r.train_accuracy, r.test_loss, r.test_accuracy, r.null_loss, r.null_accuracy, r.penalty_loss, r.best_val_loss, r.best_epoch, r.weight_norm, r.zeros, r.n_weights, r.seconds, r.note FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id;
CREATE VIEW curves AS SELECT s.name AS study, t.number AS trial, r.number AS run, c.epoch, c.metric, c.value FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_curve c ON c.run_id = r.id;
CREATE VIEW layers AS SELECT s.name AS study, t.number AS trial, r.number AS run, l.layer, l.strength, l.norm, l.zeros, l.weights, l.place FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_layer l ON l.run_id = r.id;
CREATE VIEW boundaries AS SELECT s.name AS study, b.penalty, b.layer, b.metric, b.best, b.best_low, b.best_high, b.overfitting_ends, b.overfitting_ends_low, b.overfitting_ends_high, b.underfitting_starts, b.underfitting_starts_low, b.underfitting_starts_high, b.width_decades, b.rho, b.best_loss, b.threshold_loss, b.null_loss, b.strength_min, b.strength_1se, b.verdict, b.overfitting_verdict, b.overfitting_cause, b.underfitting_verdict, b.underfitting_cause, b.design, b.sentence, b.advice, b.n_strengths, b.n_resamples FROM regsweep_boundary b JOIN regsweep_study s ON s.id = b.study_id;
CREATE VIEW occupancy AS SELECT s.name AS study, o.launch, o.place, o.phase, o.start_seconds, o.seconds, o.occupied, o.slots, o.waiting FROM regsweep_occupancy o JOIN regsweep_study s ON s.id = o.study_id;
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;
