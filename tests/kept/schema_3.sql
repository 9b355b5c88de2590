BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
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
INSERT INTO "regsweep_boundary" VALUES(1,'decay','all','val_loss',2.54829674797934667071e-03,2.54829674797934667071e-03,10.0,NULL,NULL,4.40758610961148461493e-02,6.54554815946015056127e-01,2.16408347954359814302e-01,NULL,NULL,0.05,1.57278528156179242536e+00,1.60927646561782378142e+00,2.30260896268242,0.001,1.0,'inconclusive','inconclusive','undetermined','found','underfitting','resample','decay: harmful overfitting inconclusive: it ends below 0.044, if there is any; underfitting starts at 0.65 [0.22, above 10] (val_loss, 95 %)','About 1 more resample would settle it. The ladder ended: all 5 strengths of the budget are used.',5,2);
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
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',1,2.1385810450410578376e+00);
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',2,1.90187481143866055077e+00);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',1,1.63888886570930480957e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',2,3.22222232818603515625e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',1,2.15113702979352749977e+00);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',2,1.92542373380727238618e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',1,2.27721381187438964843e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',2,1.98228287696838378906e+00);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',2,3.13543587923049926757e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',1,2.10968270914452871167e+00);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',2,1.85549648945843581593e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',1,1.77777782082557678222e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',1,2.12538088609774922232e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',2,1.88481357223871670569e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',1,2.27588605880737304687e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',2,1.97684705257415771484e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',3,1.78531861305236816406e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',4,1.67081916332244873046e+00);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',3,3.26530605554580688476e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',4,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',1,2.10526789252081236725e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',2,1.85016382144200774995e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',3,1.714364345861056238e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',4,1.62849142943579772158e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',3,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',1,2.12150146481063650583e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',2,1.87997500610848278235e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',3,1.75184872276667080726e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',4,1.6692318845954206008e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',1,2.27548336982727050781e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',2,1.97516608238220214843e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',3,1.78390014171600341796e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',4,1.66903460025787353515e+00);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',3,3.2374769449234008789e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',4,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',1,2.10392681112537127674e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',2,1.84853053108852960484e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',3,1.71303059854622463653e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',4,1.62587927473995819127e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',3,3.27777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',1,2.12032696124580155583e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',2,1.87852548969288668523e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',3,1.75162612448136);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',4,1.66832368253833718263e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',1,2.1743068695068359375e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',2,1.84289681911468505859e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',3,1.67492032051086425781e+00);
INSERT INTO "regsweep_curve" VALUES(5,'batch_loss',4,1.56203055381774902343e+00);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',2,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_accuracy',4,4.22077924013137817382e-01);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',1,1.95460395284121468684e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',2,1.73795708419896777208e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',3,1.60708531265273157906e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',4,1.51286679040467797463e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',1,3.00000011920928955078e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',1,1.94874073978927397909e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',2,1.72924823514703240867e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',3,1.6017414579374922301e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',4,1.50465167580793290902e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',1,2.17431879043579101562e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',2,1.8429266214370727539e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',3,1.67496490478515625e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',4,1.56209039688110351562e+00);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',2,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',4,4.22077924013137817382e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',1,1.95463428958725171646e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',2,1.73799345753257594715e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',3,1.60713989450034722139e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',4,1.51293942747648);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',1,1.94876896540323896189e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',2,1.72927527750531839778e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',3,1.6017795184627174887e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',4,1.50470539205190201315e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',1,2.1744232177734375e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',2,1.84319567680358886718e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',3,1.67536568641662597656e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',4,1.5626583099365234375e+00);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',2,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',4,4.23005551099777221679e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',1,1.95490744141844507986e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',2,1.7383215196969779015e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',3,1.60763207478155);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',4,1.51361128116969934076e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',1,1.9490233182907104048e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',2,1.72951961000346465802e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',3,1.60212370656016789283e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',4,1.50533459223806853621e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',1,2.17548012733459472656e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',2,1.84597730636596679687e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',3,1.67954134941101074218e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',4,1.56818556785583496093e+00);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',1,3.06122452020645141601e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',2,3.7569573521614074707e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',3,4.09090906381607055664e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',4,0.423933207988739);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',1,1.95767782974110460258e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',2,1.74170420734913311555e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',3,1.61266570531370900809e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',4,1.52022840385368440685e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',3,4.0833333134651184082e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',4,4.36111122369766235351e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',1,1.95161479040980334609e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',2,1.73206104870057764344e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',3,1.60565049149509930792e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',4,1.5108036647447280476e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',1,2.18628191947937);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',2,1.88098609447479248046e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',3,1.72954857349395751953e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',4,1.63233864307403564453e+00);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',1,3.17254185676574707031e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',2,3.79406303167343139648e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',3,4.14656758308410644531e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',4,4.28571432828903198242e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',1,1.98765489940077122454e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',2,1.78424728547044941784e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',3,1.67130517763308561463e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',4,1.59432485887646);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',1,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',2,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',3,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',4,4.52777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',1,1.98081179890367709006e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',2,1.76969757092495760808e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',3,1.65510406498279838416e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',4,1.57820393459664454205e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',1,2.2897472381591796875e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',2,2.24671292304992675781e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',3,2.21467828750610351562e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',4,2.17940878868103027343e+00);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',1,1.17810763418674468994e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',2,1.15955471992492675781e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',3,2.71799623966217041015e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',4,2.61595547199249267578e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',1,2.25639212385842879982e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',2,2.23198161352985646743e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',3,2.19314968873485804934e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',4,2.16413436926804569893e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',1,1.19444444775581359863e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',2,1.11111111938953399658e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',3,2.66666680574417114257e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',4,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',1,2.2528391940726173459e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',2,2.22886606024371269896e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',3,2.19070755110846615565e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',4,2.16163137488895);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',1,2.19484972953796386718e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',2,1.91923987865448);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',3,1.78205788135528564453e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',4,1.66298317909240722656e+00);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',1,1.99662143611288689371e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',2,1.83016183752573491361e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',3,1.70572408775804151837e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',4,1.60826344707037338643e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',1,1.99850660268631252769e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',2,1.84206848587426863517e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',3,1.73161662086430512275e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',4,1.64572055410697237753e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',1,2.19485783576965332031e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',2,1.91925656795501708984e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',3,1.78202652931213378906e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',4,1.66317689418792724609e+00);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',1,1.99664075320140765867e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',2,1.83018564878995770861e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',3,1.70576590749198397922e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',4,1.60834502199135975786e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',1,1.99852398282123933093e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',2,1.84208782402177662085e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',3,1.73156352825462822586e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',4,1.64567494725084140227e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',1,2.19493079185485839843e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',2,1.91939878463745117187e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',3,1.78230977058410644531e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',4,1.66351532936096191406e+00);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',3,3.57142865657806396484e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',1,1.9968147005519529813e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',2,1.83034245132473816219e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',3,1.70599707049803184233e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',4,1.60875584630741430558e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',1,1.99868062655958866891e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',2,1.8421713921137981007e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',3,1.73176149475491714113e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',4,1.64609428799918133812e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',1,2.19566702842712402343e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',2,1.92090570926666259765e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',3,1.78498566150665283203e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',4,1.66821825504302978515e+00);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',1,2.93135434389114379882e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_accuracy',4,3.82189244031906127929e-01);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',1,1.99860063434365953227e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',2,1.83272484963818538261e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',3,1.70990062432781764201e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',4,1.61383957067480343638e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',2,2.47222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',3,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',1,2.00029306258592320943e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',2,1.84452458510382300005e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',3,1.73445313142405610484e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',4,1.64876393377780905424e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',1,2.203960418701171875e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',2,1.94317698478698730468e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',3,1.82181882858276367187e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',4,1.72327160835266113281e+00);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',2,2.90352493524551391601e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',3,3.73840451240539550781e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',4,3.73840451240539550781e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',1,2.02105992009555679445e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',2,1.86334857790763730456e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',3,1.75796340990652621982e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',4,1.67734746821570257502e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',1,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',2,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',3,3.86111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',1,2.02157704805334414999e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',2,1.87138888920760826373e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',3,1.77554426379501828492e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',4,1.70298092888875141071e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',1,2.28790688514709472656e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',2,2.24959039688110351562e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',3,2.23328185081481933593e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',4,2.20215201377868652343e+00);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',1,2.25417435169219970703e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',2,2.35621526837348937988e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',3,2.65306115150451660156e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',4,2.70871996879577636718e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',1,2.25701989435309169351e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',2,2.24468759238609338879e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',3,2.21735073208587740722e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',4,2.18024184232740081412e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',1,2.30555549263954162597e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',2,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',3,2.58333325386047363281e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',4,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',1,2.2580202629168826256e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',2,2.24637444946501);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',3,2.21973904569943725206e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',4,2.18355760375658691785e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',1,2.23634934425354);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',2,1.91125762462615966796e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',3,1.71459138393402099609e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',4,1.59293913841247558593e+00);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'test_loss',4,1.59278093199543957503e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',1,2.03006401575120332125e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',2,1.78450600036414752658e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',3,1.63947024336689484158e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',4,1.54242724808648312695e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',1,2.01223473383320694551e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',2,1.77961573662857208688e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',3,1.6481485895812511e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',4,1.55103004705160851806e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',1,2.236358642578125e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',2,1.91129517555236816406e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',3,1.71464002132415771484e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',4,1.5930023193359375e+00);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(18,'test_loss',4,1.59283650313662294983e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',1,2.03009292632617865947e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',2,1.7845513714280443196e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',3,1.63952861403863270339e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',4,1.5424994518341070826e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',1,2.01226851203375378673e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',2,1.77966541606518946494e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',3,1.64821095946762286033e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',4,1.55110176617486605898e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',1,2.23825192451477050781e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',2,1.94732975959777832031e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',3,1.77831983566284179687e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',4,1.66345262527465820312e+00);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(19,'test_loss',4,1.62718661764538063962e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',1,2.05070314574330092582e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',2,1.8365155961053489797e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',3,1.6965647357099573611e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',4,1.60216720172779458764e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',1,2.05571386925876131712e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',2,1.85664268454743752734e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',3,1.73406534304635395749e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',4,1.63606330251528153674e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',1,2.23825764656066894531e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',2,1.94736468791961669921e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',3,1.77837967872619628906e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',4,1.66352891921997070312e+00);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(20,'test_loss',4,1.62726136228500295466e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',1,2.05072722513512);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',2,1.83656514053110297979e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',3,1.69663564454425475069e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',4,1.60225210981599031079e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',1,2.05573410052392224756e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',2,1.8566833685669634768e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',3,1.73412034807519788159e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',4,1.63613470333317923e+00);
CREATE TABLE regsweep_layer (
	run_id INTEGER NOT NULL, 
	layer VARCHAR(400) NOT NULL, 
	place INTEGER NOT NULL, 
	strength FLOAT NOT NULL, 
	norm FLOAT, 
	zeros INTEGER NOT NULL, 
	weights INTEGER NOT NULL, 
	PRIMARY KEY (run_id, layer), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_layer" VALUES(1,'hidden1',0,1.03384544870930161764e+00,1.80574655532836914062e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(1,'output',1,1.03384544870930161764e+00,1.44734203815460205078e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(2,'hidden1',0,0.173724975649347,2.04381489753723144531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(2,'output',1,0.173724975649347,1.75407397747039794921e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(3,'hidden1',0,4.36313202255625559589e-02,2.74399018287658691406e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(3,'output',1,4.36313202255625559589e-02,2.35077619552612304687e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(4,'hidden1',0,4.10889341895743880062e-03,2.76543021202087402343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(4,'output',1,4.10889341895743880062e-03,2.38420081138610839843e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(5,'hidden1',0,0.0,2.65731501579284667968e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(5,'output',1,0.0,3.0338001251220703125e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(6,'hidden1',0,0.001,2.65689778327941894531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(6,'output',1,0.001,3.03260755538940429687e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(7,'hidden1',0,0.01,2.65354704856872558593e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(7,'output',1,0.01,3.02196931838989257812e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(8,'hidden1',0,0.1,2.61525321006774902343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(8,'output',1,0.1,2.91934823989868164062e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(9,'hidden1',0,1.0,2.28096699714660644531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(9,'output',1,1.0,2.12111759185791,0,20);
INSERT INTO "regsweep_layer" VALUES(10,'hidden1',0,10.0,7.0203691720962524414e-01,0,128);
INSERT INTO "regsweep_layer" VALUES(10,'output',1,10.0,4.85187411308288574218e-01,0,20);
INSERT INTO "regsweep_layer" VALUES(11,'hidden1',0,0.0,2.28391861915588378906e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(11,'output',1,0.0,2.91933941841125488281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(12,'hidden1',0,0.001,2.28297019004821777343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(12,'output',1,0.001,2.91859030723571777343e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(13,'hidden1',0,0.01,2.28066301345825195312e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(13,'output',1,0.01,2.90836787223815917968e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(14,'hidden1',0,0.1,2.25149655342102050781e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(14,'output',1,0.1,2.81536507606506347656e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(15,'hidden1',0,1.0,2.00050806999206542968e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(15,'output',1,1.0,2.08987927436828613281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(16,'hidden1',0,10.0,0.636660635471344,0,128);
INSERT INTO "regsweep_layer" VALUES(16,'output',1,10.0,0.463411420583725,0,20);
INSERT INTO "regsweep_layer" VALUES(17,'hidden1',0,0.0,2.65565919876098632812e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(17,'output',1,0.0,2.78948044776916503906e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(18,'hidden1',0,0.001,2.65522170066833496093e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(18,'output',1,0.001,2.78847169876098632812e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(19,'hidden1',0,0.0,2.32341241836547851562e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(19,'output',1,0.0,2.980426788330078125e+00,0,20);
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
INSERT INTO "regsweep_occupancy" VALUES(1,1,0,'explore',1.58301119954558089375e-02,1.02481537003768607974e-01,3.54656464609743737881e+00,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,1,'path',1.23123935991316102445e-01,1.16734623006777837872e-01,4.0,4.0,4.02881763716919);
INSERT INTO "regsweep_occupancy" VALUES(1,1,2,'confirm',3.145065499993506819e-01,5.32369849970564246177e-02,4.0,4.0,0.0);
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
	FOREIGN KEY(trial_id) REFERENCES regsweep_trial (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_run" VALUES(1,2,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.92542373380727238618e+00,1.90187481143866055077e+00,3.22222232818603515625e-01,3.18181812763214111328e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.92542373380727238618e+00,2.0,2.3141995587005430579e+00,0.0,148.0,3.17106325383065268397e-03,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(2,3,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.88481357223871670569e+00,1.85549648945843581593e+00,3.08333337306976318359e-01,3.13543587923049926757e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.88481357223871670569e+00,2.0,2.69331670136171430485e+00,0.0,148.0,3.17106325383065268397e-03,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(3,1,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.6692318845954206008e+00,1.62849142943579772158e+00,0.375,3.77551019191741943359e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.6692318845954206008e+00,4.0,3.61325764998503240477e+00,0.0,148.0,8.96833325532497838139e-03,'');
INSERT INTO "regsweep_run" VALUES(4,4,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.66832368253833718263e+00,1.62587927473995819127e+00,3.69444429874420166015e-01,3.78478676080703735351e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.66832368253833718263e+00,4.0,3.65130357085959023066e+00,0.0,148.0,8.96833325532497838139e-03,'');
INSERT INTO "regsweep_run" VALUES(5,5,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50465167580793290902e+00,1.51286679040467797463e+00,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50465167580793290902e+00,4.0,4.033021980147,0.0,148.0,6.4493730060348752886e-03,'');
INSERT INTO "regsweep_run" VALUES(6,6,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50470539205190201315e+00,1.51293942747648,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50470539205190201315e+00,4.0,4.03184999916911479544e+00,0.0,148.0,6.4493730060348752886e-03,'');
INSERT INTO "regsweep_run" VALUES(7,7,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50533459223806853621e+00,1.51361128116969934076e+00,4.33333337306976318359e-01,4.23005551099777221679e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50533459223806853621e+00,4.0,4.02164276139212351068e+00,0.0,148.0,6.4493730060348752886e-03,'');
INSERT INTO "regsweep_run" VALUES(8,8,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.5108036647447280476e+00,1.52022840385368440685e+00,4.36111122369766235351e-01,0.423933207988739,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.5108036647447280476e+00,4.0,3.91945704129656169456e+00,0.0,148.0,6.4493730060348752886e-03,'');
INSERT INTO "regsweep_run" VALUES(9,9,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.57820393459664454205e+00,1.59432485887646,4.52777773141860961914e-01,4.28571432828903198242e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.57820393459664454205e+00,4.0,3.11479538341784278898e+00,0.0,148.0,6.72142825351329520344e-03,'');
INSERT INTO "regsweep_run" VALUES(10,10,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,2.16163137488895,2.16413436926804569893e+00,2.72222220897674560546e-01,2.61595547199249267578e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.16163137488895,4.0,8.53383065930671369514e-01,0.0,148.0,6.72142825351329520344e-03,'');
INSERT INTO "regsweep_run" VALUES(11,5,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64572055410697237753e+00,1.60826344707037338643e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64572055410697237753e+00,4.0,3.70659235670941855644e+00,0.0,148.0,6.72142825351329520344e-03,'');
INSERT INTO "regsweep_run" VALUES(12,6,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64567494725084140227e+00,1.60834502199135975786e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64567494725084140227e+00,4.0,3.70541796159880965078e+00,0.0,148.0,6.72142825351329520344e-03,'');
INSERT INTO "regsweep_run" VALUES(13,7,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64609428799918133812e+00,1.60875584630741430558e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64609428799918133812e+00,4.0,3.69594743756233512499e+00,0.0,148.0,0.00605974100108142,'');
INSERT INTO "regsweep_run" VALUES(14,8,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64876393377780905424e+00,1.61383957067480343638e+00,4.02777791023254394531e-01,3.82189244031906127929e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64876393377780905424e+00,4.0,3.6049295751225951534e+00,0.0,148.0,0.00605974100108142,'');
INSERT INTO "regsweep_run" VALUES(15,9,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.70298092888875141071e+00,1.67734746821570257502e+00,0.375,3.73840451240539550781e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.70298092888875141071e+00,4.0,2.89303092267218842081e+00,0.0,148.0,0.00605974100108142,'');
INSERT INTO "regsweep_run" VALUES(16,10,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,2.18355760375658691785e+00,2.18024184232740081412e+00,2.61111110448837280273e-01,2.70871996879577636718e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.18355760375658691785e+00,4.0,7.874559730462405982e-01,0.0,148.0,0.00605974100108142,'');
INSERT INTO "regsweep_run" VALUES(17,11,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55103004705160851806e+00,1.54242724808648312695e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.59278093199543957503e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55103004705160851806e+00,4.0,3.85145776926741145729e+00,0.0,148.0,8.12534199940273538231e-03,'');
INSERT INTO "regsweep_run" VALUES(18,12,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55110176617486605898e+00,1.5424994518341070826e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.59283650313662294983e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55110176617486605898e+00,4.0,3.85042552122372905287e+00,0.0,148.0,8.12534199940273538231e-03,'');
INSERT INTO "regsweep_run" VALUES(19,11,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63606330251528153674e+00,1.60216720172779458764e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62718661764538063962e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63606330251528153674e+00,4.0,3.7790460577254765262e+00,0.0,148.0,8.12534199940273538231e-03,'');
INSERT INTO "regsweep_run" VALUES(20,12,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63613470333317923e+00,1.60225210981599031079e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62726136228500295466e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63613470333317923e+00,4.0,3.77785334388715154929e+00,0.0,148.0,8.12534199940273538231e-03,'');
CREATE TABLE regsweep_schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "regsweep_schema" VALUES(3);
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
question = "What did a database of schema version 3 hold?"
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
','{"question": "What did a database of schema version 3 hold?", "objective": "val_loss", "maximize": false, "seed": 0, "design": "resample", "folder": "/home/me/studies", "penalties": ["decay"], "cocktail": [], "layers_mode": "shared", "optimizer": "adamw", "pruner": "halving", "rungs": [2, 3], "versions": {"regsweep": "0.1.0", "torch": "2.13.0+cpu", "optuna": "5.0.0", "sqlalchemy": "2.1.9", "pandas": "3.1.1", "plotly": "7.1.0", "numpy": "2.4.6", "scipy": "1.17.1"}, "git_commit": "", "task": "classification", "data_fingerprint": "497440707594d8dc8be14d8bd9af11cab673932f40aef30d47f7e40b25d0a68a", "n_train": 1078, "n_validation": 360, "n_test": 359, "n_folds": null, "n_outputs": 10, "n_parameters": 160, "layers": ["hidden1", "output"], "layer_groups": {}, "profile": "even", "profile_factors": {}, "scale_invariant": {}, "zeroing_strengths": {}, "timescale": null, "copied_rows": 0, "missing_classes": [], "epochs": 4, "batch_size": 64, "steps_per_epoch": 16, "precision": "float32", "stacked": true, "why_alone": "", "hardware": {"device": "cpu", "processor": "AMD EPYC", "threads": "1", "cores": "2", "system": "Linux x86_64"}, "unpruned_fingerprint": "1d65afdc260c76b699acee20aa8aa2b6b8ae81441e7108ecb2c2d9da88b0e013"}',11,'2026-11-23 20:56:18.417618','2026-11-23 20:56:19.242941');
CREATE TABLE regsweep_trial (
	id INTEGER NOT NULL, 
	study_id INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	phase VARCHAR(10) NOT NULL, 
	round INTEGER NOT NULL, 
	path VARCHAR(200) NOT NULL, 
	penalty VARCHAR(40) NOT NULL, 
	strength FLOAT NOT NULL CHECK (strength >= 0), 
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
	PRIMARY KEY (id), 
	UNIQUE (study_id, number), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_trial" VALUES(1,1,0,'explore',0,'','decay',4.36313202255625559589e-02,'{"hidden1": 0.043631320225562556, "output": 0.043631320225562556}','{}',0.01,'adamw','complete',1,1.6692318845954206008e+00,NULL,0.375,1.62849142943579772158e+00,3.77551019191741943359e-01,NULL,NULL,4.0740455159622879222e-02,4.0,8.96833325532497838139e-03);
INSERT INTO "regsweep_trial" VALUES(2,1,1,'explore',0,'','decay',1.03384544870930161764e+00,'{"hidden1": 1.0338454487093016, "output": 1.0338454487093016}','{}',0.01,'adamw','pruned',1,1.92542373380727238618e+00,NULL,3.22222232818603515625e-01,1.90187481143866055077e+00,3.18181812763214111328e-01,NULL,NULL,2.35489223686118354095e-02,2.0,3.17106325383065268397e-03);
INSERT INTO "regsweep_trial" VALUES(3,1,2,'explore',1,'','decay',0.173724975649347,'{"hidden1": 0.173724975649347, "output": 0.173724975649347}','{}',0.01,'adamw','pruned',1,1.88481357223871670569e+00,NULL,3.08333337306976318359e-01,1.85549648945843581593e+00,3.13543587923049926757e-01,NULL,NULL,2.93170827802808897644e-02,2.0,3.17106325383065268397e-03);
INSERT INTO "regsweep_trial" VALUES(4,1,3,'explore',1,'','decay',4.10889341895743880062e-03,'{"hidden1": 0.004108893418957439, "output": 0.004108893418957439}','{}',0.01,'adamw','complete',1,1.66832368253833718263e+00,NULL,3.69444429874420166015e-01,1.62587927473995819127e+00,3.78478676080703735351e-01,NULL,NULL,4.24444077983789913588e-02,4.0,8.96833325532497838139e-03);
INSERT INTO "regsweep_trial" VALUES(5,1,4,'path',0,'all','decay',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.57518611495745264328e+00,7.05344391495197342578e-02,4.18055564165115356445e-01,1.56056511873752556951e+00,4.030612260103225708e-01,NULL,NULL,1.4620996219927073767e-02,4.0,1.3170801259548170492e-02);
INSERT INTO "regsweep_trial" VALUES(6,1,5,'path',0,'all','decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.57519016965137170771e+00,0.0704847775994697,4.18055564165115356445e-01,1.56064222473392,4.030612260103225708e-01,NULL,NULL,1.4547944917451705038e-02,4.0,1.3170801259548170492e-02);
INSERT INTO "regsweep_trial" VALUES(7,1,6,'path',0,'all','decay',0.01,'{"hidden1": 0.01, "output": 0.01}','{}',0.01,'adamw','complete',2,1.57571444011862493717e+00,0.0703798478805564,4.18055564165115356445e-01,1.56118356373855693419e+00,4.03525039553642272949e-01,NULL,NULL,1.45308763800680029731e-02,4.0,1.25091140071162953972e-02);
INSERT INTO "regsweep_trial" VALUES(8,1,7,'path',0,'all','decay',0.1,'{"hidden1": 0.1, "output": 0.1}','{}',0.01,'adamw','complete',2,1.57978379926126866195e+00,0.0689801345165405,4.19444456696510314941e-01,1.56703398726424403264e+00,4.030612260103225708e-01,NULL,NULL,1.27498119970246293064e-02,4.0,1.25091140071162953972e-02);
INSERT INTO "regsweep_trial" VALUES(9,1,8,'path',0,'all','decay',1.0,'{"hidden1": 1.0, "output": 1.0}','{}',0.01,'adamw','complete',2,1.64059243174269786536e+00,6.2388497146053427389e-02,4.13888886570930480957e-01,1.63583616354608141207e+00,4.01205942034721374511e-01,NULL,NULL,4.75626819661645328096e-03,4.0,1.27811692545947153121e-02);
INSERT INTO "regsweep_trial" VALUES(10,1,9,'path',0,'all','decay',10.0,'{"hidden1": 10.0, "output": 10.0}','{}',0.01,'adamw','complete',2,2.17259448932276821864e+00,1.09631144338184754322e-02,2.6666666567325592041e-01,2.17218810579772325652e+00,2.66233772039413452148e-01,NULL,NULL,4.06383525044962112815e-04,4.0,1.27811692545947153121e-02);
INSERT INTO "regsweep_trial" VALUES(11,1,10,'confirm',0,'','none',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.5935466747834450274e+00,4.25166277318365093407e-02,3.83333325386047363281e-01,1.57229722490713896831e+00,3.90538036823272705078e-01,1.60998377482041021835e+00,3.83008360862731933593e-01,2.12494498763060590817e-02,4.0,1.62506839988054707646e-02);
INSERT INTO "regsweep_trial" VALUES(12,1,11,'confirm',0,'','decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.59361823475402264449e+00,4.25164685791565855055e-02,3.83333325386047363281e-01,1.57237578082504869669e+00,3.90538036823272705078e-01,1.61004893271081295225e+00,3.83008360862731933593e-01,2.12424539289739477965e-02,4.0,1.62506839988054707646e-02);
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
INSERT INTO "trial_intermediate_values" VALUES(1,1,2,1.92542373380727238618e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,2,2,1.88481357223871670569e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,3,4,1.6692318845954206008e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,4,4,1.66832368253833718263e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(5,5,4,1.57518611495745264328e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(6,6,4,1.57519016965137170771e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(7,7,4,1.57571444011862493717e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(8,8,4,1.57978379926126866195e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,9,4,1.64059243174269786536e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(10,10,4,2.17259448932276821864e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(11,11,4,1.5935466747834450274e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(12,12,4,1.59361823475402264449e+00,'FINITE');
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
INSERT INTO "trial_params" VALUES(6,3,'strength',4.36313202255625559589e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(7,4,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(8,4,'strength',4.10889341895743880062e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(9,5,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(10,6,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(11,6,'strength',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(12,7,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(13,7,'strength',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(14,8,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(15,8,'strength',0.1,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(16,9,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(17,9,'strength',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(18,10,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(19,10,'strength',10.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
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
INSERT INTO "trial_user_attributes" VALUES(3,1,'path','""');
INSERT INTO "trial_user_attributes" VALUES(4,1,'state','"pruned"');
INSERT INTO "trial_user_attributes" VALUES(5,1,'strength.hidden1','1.0338454487093016');
INSERT INTO "trial_user_attributes" VALUES(6,1,'strength.output','1.0338454487093016');
INSERT INTO "trial_user_attributes" VALUES(7,2,'regsweep_trial','2');
INSERT INTO "trial_user_attributes" VALUES(8,2,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(9,2,'path','""');
INSERT INTO "trial_user_attributes" VALUES(10,2,'state','"pruned"');
INSERT INTO "trial_user_attributes" VALUES(11,2,'strength.hidden1','0.173724975649347');
INSERT INTO "trial_user_attributes" VALUES(12,2,'strength.output','0.173724975649347');
INSERT INTO "trial_user_attributes" VALUES(13,3,'regsweep_trial','0');
INSERT INTO "trial_user_attributes" VALUES(14,3,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(15,3,'path','""');
INSERT INTO "trial_user_attributes" VALUES(16,3,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(17,3,'strength.hidden1','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(18,3,'strength.output','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(19,4,'regsweep_trial','3');
INSERT INTO "trial_user_attributes" VALUES(20,4,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(21,4,'path','""');
INSERT INTO "trial_user_attributes" VALUES(22,4,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(23,4,'strength.hidden1','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(24,4,'strength.output','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(25,5,'regsweep_trial','4');
INSERT INTO "trial_user_attributes" VALUES(26,5,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(27,5,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(28,5,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(29,5,'strength.hidden1','0.0');
INSERT INTO "trial_user_attributes" VALUES(30,5,'strength.output','0.0');
INSERT INTO "trial_user_attributes" VALUES(31,6,'regsweep_trial','5');
INSERT INTO "trial_user_attributes" VALUES(32,6,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(33,6,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(34,6,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(35,6,'strength.hidden1','0.001');
INSERT INTO "trial_user_attributes" VALUES(36,6,'strength.output','0.001');
INSERT INTO "trial_user_attributes" VALUES(37,7,'regsweep_trial','6');
INSERT INTO "trial_user_attributes" VALUES(38,7,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(39,7,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(40,7,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(41,7,'strength.hidden1','0.01');
INSERT INTO "trial_user_attributes" VALUES(42,7,'strength.output','0.01');
INSERT INTO "trial_user_attributes" VALUES(43,8,'regsweep_trial','7');
INSERT INTO "trial_user_attributes" VALUES(44,8,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(45,8,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(46,8,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(47,8,'strength.hidden1','0.1');
INSERT INTO "trial_user_attributes" VALUES(48,8,'strength.output','0.1');
INSERT INTO "trial_user_attributes" VALUES(49,9,'regsweep_trial','8');
INSERT INTO "trial_user_attributes" VALUES(50,9,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(51,9,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(52,9,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(53,9,'strength.hidden1','1.0');
INSERT INTO "trial_user_attributes" VALUES(54,9,'strength.output','1.0');
INSERT INTO "trial_user_attributes" VALUES(55,10,'regsweep_trial','9');
INSERT INTO "trial_user_attributes" VALUES(56,10,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(57,10,'path','"all"');
INSERT INTO "trial_user_attributes" VALUES(58,10,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(59,10,'strength.hidden1','10.0');
INSERT INTO "trial_user_attributes" VALUES(60,10,'strength.output','10.0');
INSERT INTO "trial_user_attributes" VALUES(61,11,'regsweep_trial','10');
INSERT INTO "trial_user_attributes" VALUES(62,11,'phase','"confirm"');
INSERT INTO "trial_user_attributes" VALUES(63,11,'path','""');
INSERT INTO "trial_user_attributes" VALUES(64,11,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(65,11,'strength.hidden1','0.0');
INSERT INTO "trial_user_attributes" VALUES(66,11,'strength.output','0.0');
INSERT INTO "trial_user_attributes" VALUES(67,12,'regsweep_trial','11');
INSERT INTO "trial_user_attributes" VALUES(68,12,'phase','"confirm"');
INSERT INTO "trial_user_attributes" VALUES(69,12,'path','""');
INSERT INTO "trial_user_attributes" VALUES(70,12,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(71,12,'strength.hidden1','0.001');
INSERT INTO "trial_user_attributes" VALUES(72,12,'strength.output','0.001');
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
INSERT INTO "trial_values" VALUES(1,3,0,1.6692318845954206008e+00,'FINITE');
INSERT INTO "trial_values" VALUES(2,4,0,1.66832368253833718263e+00,'FINITE');
INSERT INTO "trial_values" VALUES(3,5,0,1.57518611495745264328e+00,'FINITE');
INSERT INTO "trial_values" VALUES(4,6,0,1.57519016965137170771e+00,'FINITE');
INSERT INTO "trial_values" VALUES(5,7,0,1.57571444011862493717e+00,'FINITE');
INSERT INTO "trial_values" VALUES(6,8,0,1.57978379926126866195e+00,'FINITE');
INSERT INTO "trial_values" VALUES(7,9,0,1.64059243174269786536e+00,'FINITE');
INSERT INTO "trial_values" VALUES(8,10,0,2.17259448932276821864e+00,'FINITE');
INSERT INTO "trial_values" VALUES(9,11,0,1.5935466747834450274e+00,'FINITE');
INSERT INTO "trial_values" VALUES(10,12,0,1.59361823475402264449e+00,'FINITE');
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
INSERT INTO "trials" VALUES(1,0,1,'PRUNED','2026-11-23 20:56:18.969549','2026-11-23 20:56:18.969549');
INSERT INTO "trials" VALUES(2,1,1,'PRUNED','2026-11-23 20:56:18.969599','2026-11-23 20:56:18.969599');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-23 20:56:18.990244','2026-11-23 20:56:18.990244');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-23 20:56:18.990292','2026-11-23 20:56:18.990292');
INSERT INTO "trials" VALUES(5,4,1,'COMPLETE','2026-11-23 20:56:19.075286','2026-11-23 20:56:19.075286');
INSERT INTO "trials" VALUES(6,5,1,'COMPLETE','2026-11-23 20:56:19.075339','2026-11-23 20:56:19.075339');
INSERT INTO "trials" VALUES(7,6,1,'COMPLETE','2026-11-23 20:56:19.113039','2026-11-23 20:56:19.113039');
INSERT INTO "trials" VALUES(8,7,1,'COMPLETE','2026-11-23 20:56:19.113101','2026-11-23 20:56:19.113101');
INSERT INTO "trials" VALUES(9,8,1,'COMPLETE','2026-11-23 20:56:19.113134','2026-11-23 20:56:19.113134');
INSERT INTO "trials" VALUES(10,9,1,'COMPLETE','2026-11-23 20:56:19.113165','2026-11-23 20:56:19.113165');
INSERT INTO "trials" VALUES(11,10,1,'COMPLETE','2026-11-23 20:56:19.240762','2026-11-23 20:56:19.240762');
INSERT INTO "trials" VALUES(12,11,1,'COMPLETE','2026-11-23 20:56:19.240826','2026-11-23 20:56:19.240826');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE VIEW trials_frame AS SELECT s.name AS study, t.number AS trial, t.phase, t.round, t.path, t.penalty, t.strength, t.strengths, t.params, t.lr, t.optimizer, t.state, t.n_runs, t.val_loss, t.val_loss_se, t.val_accuracy, t.train_loss, t.train_accuracy, t.test_loss, t.test_accuracy, t.gap, t.epochs, t.seconds FROM regsweep_trial t JOIN regsweep_study s ON s.id = t.study_id;
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
