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
INSERT INTO "regsweep_alembic_version" VALUES('0008');
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
	n_rows INTEGER DEFAULT '0' NOT NULL, 
	PRIMARY KEY (study_id, penalty, layer, metric), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_boundary" VALUES(1,'decay','all','val_loss',2.54829674797934667071e-03,2.37137370566165538166e-03,2.73841963426436126732e-03,NULL,NULL,NULL,6.55190769931310645901e-01,2.18355372427415733715e-01,1.98124017426116050266e+00,NULL,0.05,1.57267698468450078941e+00,1.60917358358439677168e+00,2.30260896268242,0.001,1.0,'found','none','none','found','underfitting','resample','decay: no harmful overfitting found in the searched range; underfitting starts at 0.66 [0.22, 2.0] (val_loss, 95 %, from 623 rows)','2 resamples give wide intervals: 5 are the floor, 10 a good number. The ladder ended: all 5 strengths of the budget (path.points) are used.',5,2,623);
INSERT INTO "regsweep_boundary" VALUES(1,'decay','all','val_accuracy',1.24093776075171954853e-01,0.001,10.0,NULL,NULL,1.66288155579366470071e+00,2.35249255283571656605e+00,3.45109062987345310835e-02,NULL,NULL,0.05,5.78336266818452626736e-01,5.94419453403024156123e-01,8.99999998509883880615e-01,0.1,1.0,'inconclusive','inconclusive','undetermined','found','underfitting','resample','decay: harmful overfitting inconclusive: it ends below 1.7, if there is any; underfitting starts at 2.4 [0.035, above 10] (val_accuracy, 95 %)','No number of resamples on these data would settle it: only more data can.',5,2,0);
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
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',1,2.13858105720527102988e+00);
INSERT INTO "regsweep_curve" VALUES(1,'train_loss',2,1.90187478105577323361e+00);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',1,1.63888886570930480957e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_accuracy',2,3.22222232818603515625e-01);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',1,2.15113703906536102294e+00);
INSERT INTO "regsweep_curve" VALUES(1,'val_loss',2,1.92542369721664319293e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',1,2.27721381187438964843e+00);
INSERT INTO "regsweep_curve" VALUES(2,'batch_loss',2,1.98228275775909423828e+00);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_accuracy',2,3.13543587923049926757e-01);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',1,2.10968271229616544104e+00);
INSERT INTO "regsweep_curve" VALUES(2,'train_loss',2,1.85549648764071517526e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',1,1.77777782082557678222e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',1,2.12538089404503516277e+00);
INSERT INTO "regsweep_curve" VALUES(2,'val_loss',2,1.88481358022739486912e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',1,2.27588582038879394531e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',2,1.97684705257415771484e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',3,1.78531849384307861328e+00);
INSERT INTO "regsweep_curve" VALUES(3,'batch_loss',4,1.67081916332244873046e+00);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',3,3.26530605554580688476e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_accuracy',4,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',1,2.10526784745793182906e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',2,1.85016380110150802096e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',3,1.71436435077512205893e+00);
INSERT INTO "regsweep_curve" VALUES(3,'train_loss',4,1.62849144153089597786e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',3,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(3,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',1,2.12150142904784955177e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',2,1.87997498944815655264e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',3,1.75184871390875840369e+00);
INSERT INTO "regsweep_curve" VALUES(3,'val_loss',4,1.6692318845954206008e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',1,2.27548336982727050781e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',2,1.97516608238220214843e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',3,1.78390014171600341796e+00);
INSERT INTO "regsweep_curve" VALUES(4,'batch_loss',4,1.66903471946716308593e+00);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',1,1.89239338040351867675e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',2,3.1447124481201171875e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',3,3.2374769449234008789e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_accuracy',4,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',1,2.10392680133870912939e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',2,1.84853051340204);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',3,1.71303059125460799272e+00);
INSERT INTO "regsweep_curve" VALUES(4,'train_loss',4,1.62587928429854167156e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',2,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',3,3.27777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',1,2.1203269460135034663e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',2,1.87852547777195777456e+00);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',3,1.75162612085955);
INSERT INTO "regsweep_curve" VALUES(4,'val_loss',4,1.66832369909518285489e+00);
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
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',1,1.95463427826623958871e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',2,1.73799344390312793251e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',3,1.60713989896516640243e+00);
INSERT INTO "regsweep_curve" VALUES(5,'train_loss',4,1.51293943687609933057e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',1,1.9487689394917753205e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',2,1.72927525422225403239e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',3,1.60177951974587307049e+00);
INSERT INTO "regsweep_curve" VALUES(5,'val_loss',4,1.50470541566610327421e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',1,2.17430639266967773437e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',2,1.84289669990539550781e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',3,1.67492043972015380859e+00);
INSERT INTO "regsweep_curve" VALUES(6,'batch_loss',4,1.56203055381774902343e+00);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',2,3.78478676080703735351e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_accuracy',4,4.22077924013137817382e-01);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',1,1.95460393687568489973e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',2,1.73795705260657085133e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',3,1.6070852892988245486e+00);
INSERT INTO "regsweep_curve" VALUES(6,'train_loss',4,1.5128667948625857953e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',1,3.00000011920928955078e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',1,1.94874071371224188986e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',2,1.72924821093264546867e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',3,1.60174143488208442498e+00);
INSERT INTO "regsweep_curve" VALUES(6,'val_loss',4,1.50465166603939404232e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',1,2.175479888916015625e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',2,1.84597706794738769531e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',3,1.67954134941101074218e+00);
INSERT INTO "regsweep_curve" VALUES(7,'batch_loss',4,1.56818556785583496093e+00);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',1,3.06122452020645141601e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',2,3.7569573521614074707e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',3,4.09090906381607055664e-01);
INSERT INTO "regsweep_curve" VALUES(7,'train_accuracy',4,0.423933207988739);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',1,1.9576778205488298834e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',2,1.74170419608341298101e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',3,1.61266567528330773129e+00);
INSERT INTO "regsweep_curve" VALUES(7,'train_loss',4,1.52022839450935709493e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',3,4.0833333134651184082e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_accuracy',4,4.36111122369766235351e-01);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',1,1.95161476433277125686e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',2,1.73206104648609948704e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',3,1.60565045991291599492e+00);
INSERT INTO "regsweep_curve" VALUES(7,'val_loss',4,1.51080365588681564403e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',1,2.1744232177734375e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',2,1.84319567680358886718e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',3,1.67536568641662597656e+00);
INSERT INTO "regsweep_curve" VALUES(8,'batch_loss',4,1.56265854835510253906e+00);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',1,3.04267168045043945312e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',2,3.77551019191741943359e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',3,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_accuracy',4,4.23005551099777221679e-01);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',1,1.95490740914181126974e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',2,1.73832151468615148104e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',3,1.607632081983317196e+00);
INSERT INTO "regsweep_curve" VALUES(8,'train_loss',4,1.51361127774851444982e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',1,3.02777767181396484375e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',2,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',3,4.05555546283721923828e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_accuracy',4,4.33333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',1,1.94902328691548776262e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',2,1.72951960025562190281e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',3,1.60212371521111984762e+00);
INSERT INTO "regsweep_curve" VALUES(8,'val_loss',4,1.50533457787500490887e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',1,2.19566702842712402343e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',2,1.92090570926666259765e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',3,1.78498566150665283203e+00);
INSERT INTO "regsweep_curve" VALUES(9,'batch_loss',4,1.66821825504302978515e+00);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',1,2.93135434389114379882e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_accuracy',4,3.82189244031906127929e-01);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',1,1.99860062352027423315e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',2,1.83272484573319638379e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',3,1.70990060743960459177e+00);
INSERT INTO "regsweep_curve" VALUES(9,'train_loss',4,1.61383954063057899475e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',2,2.47222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',3,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',1,2.00029305496977416467e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',2,1.84452457705305672419e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',3,1.73445311782674660427e+00);
INSERT INTO "regsweep_curve" VALUES(9,'val_loss',4,1.64876391330940852419e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',1,2.28790688514709472656e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',2,2.24959039688110351562e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',3,2.23328185081481933593e+00);
INSERT INTO "regsweep_curve" VALUES(10,'batch_loss',4,2.20215201377868652343e+00);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',1,2.25417435169219970703e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',2,2.35621526837348937988e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',3,2.65306115150451660156e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_accuracy',4,2.70871996879577636718e-01);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',1,2.25701989590126439466e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',2,2.24468759282842844626e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',3,2.21735072346034423063e+00);
INSERT INTO "regsweep_curve" VALUES(10,'train_loss',4,2.18024183270661398026e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',1,2.30555549263954162597e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',2,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',3,2.58333325386047363281e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_accuracy',4,2.61111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',1,2.2580202731821272799e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',2,2.24637445906798038919e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',3,2.21973903344737166776e+00);
INSERT INTO "regsweep_curve" VALUES(10,'val_loss',4,2.18355759614043787308e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',1,2.28974771499633789062e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',2,2.24671292304992675781e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',3,2.21467828750610351562e+00);
INSERT INTO "regsweep_curve" VALUES(11,'batch_loss',4,2.17940855026245117187e+00);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',1,1.17810763418674468994e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',2,1.15955471992492675781e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',3,2.71799623966217041015e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_accuracy',4,2.61595547199249267578e-01);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',1,2.25639211114129700774e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',2,2.23198160512549081957e+00);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',3,2.19314968143633);
INSERT INTO "regsweep_curve" VALUES(11,'train_loss',4,2.16413435688266497791e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',1,1.19444444775581359863e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',2,1.11111111938953399658e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',3,2.66666680574417114257e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_accuracy',4,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',1,2.25283918513192071841e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',2,2.22886604004436073012e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',3,2.19070753984981125839e+00);
INSERT INTO "regsweep_curve" VALUES(11,'val_loss',4,2.16163137157758056261e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',1,2.19485783576965332031e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',2,1.91925644874572753906e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',3,1.78202652931213378906e+00);
INSERT INTO "regsweep_curve" VALUES(12,'batch_loss',4,1.66317677497863769531e+00);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',1,1.99664074022163928745e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',2,1.8301856375864407056e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',3,1.70576590218741941384e+00);
INSERT INTO "regsweep_curve" VALUES(12,'train_loss',4,1.60834499985387413545e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',1,1.99852397226625022597e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',2,1.84208779841040581892e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',3,1.73156352029699411865e+00);
INSERT INTO "regsweep_curve" VALUES(12,'val_loss',4,1.64567492981441310107e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',1,2.19493079185485839843e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',2,1.91939890384674072265e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',3,1.78230953216552734375e+00);
INSERT INTO "regsweep_curve" VALUES(13,'batch_loss',4,1.66351521015167236328e+00);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',3,3.57142865657806396484e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',1,1.99681467914017329867e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',2,1.83034243196221368954e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',3,1.70599708098275426593e+00);
INSERT INTO "regsweep_curve" VALUES(13,'train_loss',4,1.60875584300199658827e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',1,1.99868059265944686409e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',2,1.84217136693704452987e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',3,1.73176149888378061447e+00);
INSERT INTO "regsweep_curve" VALUES(13,'val_loss',4,1.64609428403588631262e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',1,2.20396018028259277343e+00);
INSERT INTO "regsweep_curve" VALUES(14,'batch_loss',2,1.94317722320556640625e+00);
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
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',1,2.02105990251274);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',2,1.86334856296846296253e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',3,1.75796336565228905612e+00);
INSERT INTO "regsweep_curve" VALUES(14,'train_loss',4,1.6773474058188180269e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',1,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',2,3.05555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',3,3.86111110448837280273e-01);
INSERT INTO "regsweep_curve" VALUES(14,'val_accuracy',4,0.375);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',1,2.02157702835069752467e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',2,1.87138888053596019744e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',3,1.77554421822230024119e+00);
INSERT INTO "regsweep_curve" VALUES(14,'val_loss',4,1.70298087036030154628e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',1,2.18628215789794921875e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',2,1.88098609447479248046e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',3,1.72954857349395751953e+00);
INSERT INTO "regsweep_curve" VALUES(15,'batch_loss',4,1.63233864307403564453e+00);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',1,3.17254185676574707031e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',2,3.79406303167343139648e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',3,4.14656758308410644531e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_accuracy',4,4.28571432828903198242e-01);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',1,1.98765490575933712058e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',2,1.7842472619990470406e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',3,1.67130516176431642705e+00);
INSERT INTO "regsweep_curve" VALUES(15,'train_loss',4,1.59432483754761800121e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',1,3.24999988079071044921e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',2,3.80555570125579833984e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',3,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_accuracy',4,4.52777773141860961914e-01);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',1,1.98081178565820059667e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',2,1.76969754940105805651e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',3,1.65510405401388793755e+00);
INSERT INTO "regsweep_curve" VALUES(15,'val_loss',4,1.57820391572184037798e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',1,2.19484972953796386718e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',2,1.9192396402359008789e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',3,1.78205788135528564453e+00);
INSERT INTO "regsweep_curve" VALUES(16,'batch_loss',4,1.66298317909240722656e+00);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',1,2.94990718364715576171e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',2,2.37476810812950134277e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',3,3.55287581682205200195e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_accuracy',4,3.84044528007507324218e-01);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',1,1.99662141059568498668e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',2,1.83016180859080379583e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',3,1.7057240540127172057e+00);
INSERT INTO "regsweep_curve" VALUES(16,'train_loss',4,1.60826343221413670114e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',1,3.08333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',2,0.25);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',3,3.72222214937210083007e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_accuracy',4,4.02777791023254394531e-01);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',1,1.99850657052463964724e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',2,1.8420684546542664961e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',3,1.73161658816453489784e+00);
INSERT INTO "regsweep_curve" VALUES(16,'val_loss',4,1.64572053961973230329e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',1,2.23634934425354);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',2,1.91125762462615966796e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',3,1.71459138393402099609e+00);
INSERT INTO "regsweep_curve" VALUES(17,'batch_loss',4,1.59293913841247558593e+00);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(17,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'test_loss',4,1.5927808966726313411e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',1,2.03006398824349387766e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',2,1.78450599099217410703e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',3,1.63947023847356354586e+00);
INSERT INTO "regsweep_curve" VALUES(17,'train_loss',4,1.5424272138573547064e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',1,2.01223471197817049826e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',2,1.77961571576694654872e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',3,1.64814857931600666773e+00);
INSERT INTO "regsweep_curve" VALUES(17,'val_loss',4,1.55103000387963319006e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',1,2.236358642578125e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',2,1.9112949371337890625e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',3,1.71463990211486816406e+00);
INSERT INTO "regsweep_curve" VALUES(18,'batch_loss',4,1.59300220012664794921e+00);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(18,'test_accuracy',4,4.03899729251861572265e-01);
INSERT INTO "regsweep_curve" VALUES(18,'test_loss',4,1.5928364912655028629e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',1,1.86456397175788879394e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',2,0.359925776720047);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',3,3.94248604774475097656e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_accuracy',4,4.10018563270568847656e-01);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',1,2.03009291449371653826e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',2,1.78455133916523323023e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',3,1.63952861017511253294e+00);
INSERT INTO "regsweep_curve" VALUES(18,'train_loss',4,1.54249943412688317323e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',1,1.83333337306976318359e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',2,3.52777779102325439453e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',3,3.88888895511627197265e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_accuracy',4,3.97222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',1,2.0122685068183474577e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',2,1.77966538204087143526e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',3,1.64821097370651026281e+00);
INSERT INTO "regsweep_curve" VALUES(18,'val_loss',4,1.55110175303286967896e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',1,2.23825192451477050781e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',2,1.94732975959777832031e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',3,1.77832007408142089843e+00);
INSERT INTO "regsweep_curve" VALUES(19,'batch_loss',4,1.66345262527465820312e+00);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(19,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(19,'test_loss',4,1.62718658829963969125e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',1,2.05070314901934480644e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',2,1.83651564321402926971e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',3,1.69656475167548714821e+00);
INSERT INTO "regsweep_curve" VALUES(19,'train_loss',4,1.60216716831767724826e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',1,2.05571387240456227019e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',2,1.85664274502131676491e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',3,1.73406536428050861431e+00);
INSERT INTO "regsweep_curve" VALUES(19,'val_loss',4,1.63606327776279725227e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',1,2.23825764656066894531e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',2,1.94736480712890625e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',3,1.77837955951690673828e+00);
INSERT INTO "regsweep_curve" VALUES(20,'batch_loss',4,1.66352891921997070312e+00);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',1,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',2,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',3,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'penalty_loss',4,0.0);
INSERT INTO "regsweep_curve" VALUES(20,'test_accuracy',4,3.62116992473602294921e-01);
INSERT INTO "regsweep_curve" VALUES(20,'test_loss',4,1.62726135539477256841e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',1,1.94805189967155456542e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',2,2.72727280855178833007e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',3,3.66419285535812377929e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_accuracy',4,3.710575103759765625e-01);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',1,2.05072719436519);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',2,1.83656508098175);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',3,1.69663562310482896045e+00);
INSERT INTO "regsweep_curve" VALUES(20,'train_loss',4,1.60225211017538748947e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',1,1.80555552244186401367e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',2,2.72222220897674560546e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',3,3.4999999403953552246e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_accuracy',4,3.69444429874420166015e-01);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',1,2.0557340784205329065e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',2,1.85668330639600753784e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',3,1.73412032576484809176e+00);
INSERT INTO "regsweep_curve" VALUES(20,'val_loss',4,1.63613469791081223014e+00);
CREATE TABLE regsweep_execution_plan (
	machine VARCHAR(400) NOT NULL, 
	network VARCHAR(400) NOT NULL, 
	version VARCHAR(400) NOT NULL, 
	width INTEGER NOT NULL, 
	n_lanes INTEGER NOT NULL, 
	batched BOOLEAN NOT NULL, 
	found_at DATETIME NOT NULL, 
	PRIMARY KEY (machine, network, version)
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_execution_plan" VALUES('cpu, AMD EPYC, 1, 2, Linux x86_64, 2 lanes','bc8cdf429aaee6a90c985f4c1de20df2c923630a36ab690cbb2cf9fff8e7ea4d','regsweep 0.1.0, torch 2.13.0+cpu',6,2,1,'2026-11-29 22:33:11.343847');
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
INSERT INTO "regsweep_layer" VALUES(2,'output',1,0.173724975649347,1.75407385826110839843e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(3,'hidden1',0,4.36313202255625559589e-02,2.74399042129516601562e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(3,'output',1,4.36313202255625559589e-02,2.35077619552612304687e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(4,'hidden1',0,4.10889341895743880062e-03,2.76543021202087402343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(4,'output',1,4.10889341895743880062e-03,2.38420081138610839843e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(5,'hidden1',0,0.001,2.65689778327941894531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(5,'output',1,0.001,3.03260779380798339843e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(6,'hidden1',0,0.0,2.65731501579284667968e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(6,'output',1,0.0,3.0338001251220703125e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(7,'hidden1',0,0.1,2.61525297164917,0,128);
INSERT INTO "regsweep_layer" VALUES(7,'output',1,0.1,2.91934847831726074218e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(8,'hidden1',0,0.01,2.65354681015014648437e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(8,'output',1,0.01,3.02196931838989257812e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(9,'hidden1',0,0.1,2.25149679183959960937e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(9,'output',1,0.1,2.81536507606506347656e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(10,'hidden1',0,10.0,0.636660635471344,0,128);
INSERT INTO "regsweep_layer" VALUES(10,'output',1,10.0,0.463411420583725,0,20);
INSERT INTO "regsweep_layer" VALUES(11,'hidden1',0,10.0,7.0203691720962524414e-01,0,128);
INSERT INTO "regsweep_layer" VALUES(11,'output',1,10.0,4.85187411308288574218e-01,0,20);
INSERT INTO "regsweep_layer" VALUES(12,'hidden1',0,0.001,2.28297019004821777343e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(12,'output',1,0.001,2.91859030723571777343e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(13,'hidden1',0,0.01,2.28066301345825195312e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(13,'output',1,0.01,2.90836834907531738281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(14,'hidden1',0,1.0,2.00050806999206542968e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(14,'output',1,1.0,2.08987927436828613281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(15,'hidden1',0,1.0,2.28096699714660644531e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(15,'output',1,1.0,2.12111759185791,0,20);
INSERT INTO "regsweep_layer" VALUES(16,'hidden1',0,0.0,2.28391885757446289062e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(16,'output',1,0.0,2.91933941841125488281e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(17,'hidden1',0,0.0,2.65565896034240722656e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(17,'output',1,0.0,2.78948044776916503906e+00,0,20);
INSERT INTO "regsweep_layer" VALUES(18,'hidden1',0,0.001,2.65522170066833496093e+00,0,128);
INSERT INTO "regsweep_layer" VALUES(18,'output',1,0.001,2.78847193717956542968e+00,0,20);
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
INSERT INTO "regsweep_occupancy" VALUES(1,1,0,'explore',1.67933140037348493933e-02,3.1642209499841555953e-01,4.0,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,1,'explore',3.33215409002150408923e-01,1.19209301992668770253e-01,2.12537330332102358809e+00,4.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,2,'path',4.52424710994819179177e-01,2.42801783009781502187e-01,8.25939075542717660027e+00,9.8398941162140971528e+00,2.16010588378590417946e+00);
INSERT INTO "regsweep_occupancy" VALUES(1,1,3,'confirm',6.95226494004600681364e-01,1.27134025898703839629e+00,4.0,12.0,0.0);
INSERT INTO "regsweep_occupancy" VALUES(1,1,4,'confirm',1.96656675299163907766e+00,3.96962350059766322374e-02,2.28270230191907552708e+00,12.0,0.0);
CREATE TABLE regsweep_row_losses (
	run_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	losses BLOB NOT NULL, 
	PRIMARY KEY (run_id, metric), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_row_losses" VALUES(5,'val_loss',X'A3F3A93F045CED3FB9DA05408DD93D3E5EAAD83F64EA133F9EF8FA3F7054563E54EFE23F149ADE3FA4980F40BE4A0040B06FDC3E57230A405D88A73F96FB6540E7C10F4063AD08405567B43F99AC2C40D93C0A3F892E693F44C1B33E7DDC704057230A406F46973E149ADE3F54EFE23F38400340FF57DE3F5490953E57230A4042741740257C3B3FFC910D4053328B3EAF0B843E63AD084063AD0840BD45FB3F0F011E4063AD0840D4861940E84B483F63AD084054EFE23FDC160C40CE9812407379A83F9CB1D83EAE54004009BDAF3F85FBE73DC030B53F886DD33E4F8AFE3F99AC2C40161BFD3F2A47F93E149ADE3F86E0303F312E4D4057D1EE3F7B31863EEF7D973E947D06406D249A3E54EFE23F6EC0AE3F12CDEB3F7C31D93ECC19A73E222E0D4096CB4040DDEE0E400CAFFA3F4891FD3F149ADE3F8AB9C83F6171CF3EFCC90B40149ADE3FF240A83FD5AFF93F9ACDEF3FA5C0A73F740FBA3FFB58853E54EFE23F149ADE3F4249183F96E3C93EE077163F0225014032AB03401C7BB63F2FC10A3F222E0D40B35BBD3EF424B03EF126B93F149ADE3FADC74B3F149ADE3FD3777D3E7E71893E149ADE3F55CC603E9610F53F86E8A83FFFC2DB3E149ADE3F6622F03FFF86193FA42DBA3E9621E83EBFDB333F54EFE23FC61F0640E54C43400719EB3F88FBC63F9749AA3FBAB2BA3F149ADE3F2637D73FF67B024017AEF23F74600B40F2E7F83F4EE5D73EC4EE873E2E8DA73FBA33503F479EB73F63AD0840F529023FC698F43F7E540D407795E13F5A33B63EF8E5E93F149ADE3F0946F43F57230A40AAE108406402A33E775DC93F99AC2C40F662064054EFE23F3CC0A73F8B56F13F63AD0840CEC2A03FF3969D3FE62A843E72302240189D0140F8362340ECC4063F323433408F4EF73F167CD83F149ADE3F99AC2C40A4A50440222E0D40D105A73FF0912640C4690340DFD8093F24E903401922A83F5F0C0340D6D4A83F149ADE3F05F0CB3E149ADE3FBE63F13E6023D03F240A913E91A6F83FEAA2A63F9CA8263F6D321B3F54EFE23F149ADE3FBA43023F040A0240156FED3FF40EEC3F54EFE23F68557E3EFC45B13F989A203F149ADE3F0EF0423FF6D1AF3F9F17FB3E7C8BA73F1E32843E54EFE23F99AC2C4019C20340E7D1113FDDEAC83F54EFE23F786CA83E43320940DE91504063AD08405032FE3F5914643E34BAF63E38EC1540222E0D40E2AD033F57230A4099AC2C40F30C294057230A403D80953E54EFE23F63AD0840797BC03F54EFE23FC2E80340601BAD3F222E0D40D34BF53F910E114016F1163FCA36313F66E1EA3E149ADE3F18E60C4022EEC53EFA57E33F149ADE3F54EFE23F63AD0840149ADE3F321C373F09BDE43F63AD0840C2D1AE3F9FF18140120CBB3F63AD0840C6D3683EE4BF3940CA32DB3F149ADE3F149ADE3F222E0D400ADADE3F8F12174054EFE23F9C2AE63F4370B03E57230A408A5B2B3FEBA50340A6E00B40BF9A243FCEAF073F20BEED3F65E3953E9A4CF63F54EFE23F750BFB3F7BEE633F688EFA3F54EFE23FC1D1D13D4E6DF83F149ADE3F964A014072D10B407C550E40F69F903E149ADE3F4BBEEA3F3D40FB3F481D823E98F5B23F4CFB553E54EFE23F149ADE3F5659B23FABB7BB3FD6ABAA3E55BBF03F641EB53F38A3ED3ED4E8EB3F6A32AA3FECF9073F7DD76B3EE5BB7C3EAB24FE3F7D88FB3F54EFE23FB137C03F520CC23F149ADE3F149ADE3F9EA1AE3F54EFE23F042F0B40C10E353ED0994540E96918406ACB14404683483EB903BB3FF6C50C409FFAD13E54EFE23F78F813407004523F803F0540A0B61E3F57230A4054EFE23F8D35A83E1397F93F5E2A1C3F54EFE23F54EFE23F6167A43FC78FF63F7EDEAE3FDA67A03E2200F43FC9B0C03E6AF2EF3E276A014092E3E33F0B3BE13FA34923408204FC3FF824A73FF07DD93FE0372B3F6F0EF63FB28E6E3F7C7104406CC9C63FB3C7683E7A81E43F149ADE3FB0BAB03FFC55FC3E8BF7B03F149ADE3F82FFEF3F25E0703E8A350B40');
INSERT INTO "regsweep_row_losses" VALUES(6,'val_loss',X'07F1A93F815BED3F84D60540B9AF3D3EB8ABD83F70DB133F04F5FA3FB229563E22EEE23FD698DE3F64960F40CF4900403366DC3E14230A402689A73F25096640B0BE0F4089AD0840F35CB43F04AE2C40073B0A3F9B24693FA6A7B33E12F0704014230A40782D973ED698DE3F22EEE23F4F380340EC46DE3FC379953E14230A40E7711740CB7A3B3FA7890D4034218B3E2E07843E89AD084089AD0840703AFB3F44011E4089AD0840548E1940BD3A483F89AD084022EEE23F5E100C40969C12401079A83FCD9BD83ED0510040C3B2AF3FEBB4E73DD629B53FCA66D33E2984FE3F04AE2C405B19FD3FD62DF93ED698DE3F9DD9303F792F4D405FD0EE3FF613863E1C7A973E007A0640241B9A3E22EEE23F74C3AE3F36C9EB3FC00FD93E6C01A73E9E2E0D407FD540401CEB0E4055A6FA3F0684FD3FD698DE3F28BCC83F1959CF3E92C60B40D698DE3FC436A83F9CA4F93F9EC9EF3F15C1A73FA201BA3F8243853E22EEE23FD698DE3F3142183F9DC2C93E2174163F1424014080A70340F57BB63F60BA0A3F9E2E0D406F54BD3E5E0EB03EE825B93FD698DE3FA6BA4B3FD698DE3FC56B7D3EC35C893ED698DE3F4EA2603E9E0DF53FC9DEA83FFDA6DB3ED698DE3FD11EF03F8C7D193F9125BA3E8514E83E52D0333F22EEE23F06240640AA4D43408013EB3F9402C73FDE41AA3FC1B7BA3FD698DE3F4247D73F4B7D02404BACF23FEF5E0B401CE3F83F4ACDD73EF0EB873E1A8EA73FD52C503F9A92B73F89AD08407A29023F5E95F43F34500D40A4A5E13FBC1FB63E33E8E93FD698DE3F1045F43F14230A4059DF084023EDA23E2F51C93F04AE2C40A262064022EEE23F3AC1A73F1F54F13F89AD08402DC5A03FAB8B9D3F7526843E22352240A79C0140DE38234029B5063FCC373340944CF73FBD79D83FD698DE3F04AE2C40B6A204409E2E0D4090FCA63F898E264047690340BCD5093F86E703406623A83F9D0A034088CBA83FD698DE3F4ED6CB3ED698DE3F2B5DF13E5724D03F5C01913E44A2F83F629AA63FACA4263F89221B3F22EEE23FD698DE3F7C3F023FB70802409B65ED3F8209EC3F22EEE23F811E7E3E5C3FB13F4298203FD698DE3F49E2423F5CD6AF3F9AF1FA3E3D8CA73F012F843E22EEE23F04AE2C4037BE034033BB113FE1EDC83F22EEE23FF365A83E69310940E79B504089AD08409935FE3FD3E9633EFBB4F63E6DEA15409E2E0D40EF98033F14230A4004AE2C40D00E294014230A400067953E22EEE23F89AD0840F075C03F22EEE23FDCE50340D01EAD3F9E2E0D40A246F53FCE1111409BE2163F3D2E313FE8CFEA3ED698DE3F76E40C4047E5C53E8456E33FD698DE3F22EEE23F89AD0840D698DE3F4E0E373F5EBBE43F89AD08402AD3AE3F70FD81402213BB3F89AD08406DC7683E4BE83940AC3EDB3FD698DE3FD698DE3F9E2E0D40CED3DE3FD310174022EEE23F0F29E63FC85BB03E14230A40D8532B3FA8A4034023E40B40148C243F9BA6073F8ABAED3FC6D9953E914FF63F22EEE23F6104FB3FF6E3633FA295FA3F22EEE23FD6B9D13DB86EF83FD698DE3FAD4D0140E3CD0B40C8510E402C84903ED698DE3F01B9EA3F273BFB3F1103823E6EEFB23F8CF0553E22EEE23FD698DE3FC25CB23F2EB3BB3FD194AA3E26B5F03FE022B53F2087ED3E64E2EB3F2029AA3FD0F1073FD9B26B3E2FA27C3E621FFE3FF183FB3F22EEE23F2834C03F1908C23FD698DE3FD698DE3FBAA4AE3F22EEE23F12300B400801353E61A64540E568184034CC14408D67483E3703BB3F0EC60C4030E3D13E22EEE23FE6F213404BF0513FA23B05407AB41E3F14230A4022EEE23F7D17A83E7399F93FEC271C3F22EEE23F22EEE23F975AA43FAB83F63F4ADCAE3F3F4BA03E9903F43F1D96C03EF1DAEF3E7968014022E2E33FAC34E13FC24A2340F301FC3FC21BA73FEF89D93F70312B3F6E0FF63FB68F6E3F7E700440F6D5C63F18BD683E2F7DE43FD698DE3F0DBEB03F7653FC3EB5FAB03FD698DE3FACFAEF3FA6C2703EA5330B40');
INSERT INTO "regsweep_row_losses" VALUES(7,'val_loss',X'5152AB3FA4D2EE3F2DAE0740A7774E3EBEC5D73F6DB1193F8689FC3F2BBC663EDE68E33FF319DF3F0B971040BADB00405434E23E123F0A407052A73FB4F25F402A131140B6A008407DC6B83FF7222C40023A0B3F0E416A3FBE16BE3E9E966940123F0A40CB07A13EF319DF3FDE68E33F332406407CA5E33F6E789E3E123F0A40283E18401339403F7C3A10406FF4913EF8CC863EB6A00840B6A00840817600404BCB1D40B6A00840D0A81640C4A84E3FB6A00840DE68E33FA8CD0D407C861240A7B1A83FC5EBE03ED571014013E1B33F5523053EA6C3B73FBC64D63E9F410040F7222C40055EFD3F7BE2023FF319DF3F1D28353FFA694C4078FBEE3FBBBB913E449C9A3E56AF07403E119E3EDE68E33F4A65AD3FF86AED3F6670E63E4094B13E1C000D40CE4D3D4046B2104070D8FD3FD3540140F319DF3F3E23C73FBF38DC3E6F1C0D40F319DF3FE13FAC3F2EF8FD3FCCCFF13F16AEA73FBB1EBF3FCEBD8D3EDE68E33FF319DF3F91BE1A3F99AAD63EBC1D1B3F327B0140420305400849B63FC4EC0D3F1C000D402C74C03ECFFABD3E2DE8B93FF319DF3F72B9523FF319DF3FEEB6803EB641913EF319DF3F9481713EE21AF63F86ADAC3F22C3E73EF319DF3F1B71F13F68B21F3FAACBBC3EDAC3EC3EBC49373FDE68E33FC5A50540664441409A36ED3F2917C43FDE62AD3F6D17B83FF319DF3F7640D13FD976024099E7F23F86A20B4004B2FA3FDC2EE13E6B0D8A3E1141A73F6E2F553FA81DBC3FB6A0084099C5033FBDE8F43F8E040F40D567DB3FF42CBF3E60F2E83FF319DF3F40ACF53F123F0A40C29E0940074EAB3E8691CE3FF7222C4062B00640DE68E33FE782A73FCBAAF23FB6A00840D6DC9F3FBE90A13FE9C8863E6E3E2040A436024012BE224052360C3F84BE3140CAA5F83FC6A7DA3FF319DF3FF7222C40CB6A05401C000D406BB1AA3F389F27406DA80340BB1B0C3FBEB204409EA9A73FBD7C0340A282AC3FF319DF3FF76AD63EF319DF3F5C1BF63E4214D03F8762953E2840FA3FB2F5A93F14E5273FED941E3FDE68E33FF319DF3F49E3033F026E0240DD94F13F5B27EE3FDE68E33F1C8B8C3E4FE5B33FCFB9243FF319DF3F5242493FA969AD3F7B97033F355AA73F4C85863EDE68E33FF7222C4088080540E0B51C3F959CC83FDE68E33F476BAB3ED04E0940108F4B40B6A00840AFCFFC3FF40B753E24B6F83E9ED716401C000D4052010D3F123F0A40F7222C403A402940123F0A408D369F3EDE68E33FB6A0084077A8C23FDE68E33F42EA0440F9E8AB3F1C000D40180CF73FFA05104058BE1D3F2A38343F3055F33EF319DF3F114B0D40228CC93EE4D9E33FF319DF3FDE68E33FB6A00840F319DF3F855B3D3F6D39E53FB6A00840BA95AE3F57DC7A400237B83FB6A008407E8A6D3E3ED02B409293D63FF319DF3FF319DF3F1C000D40D618E23F3422184052E6E33F65F8E63F7807B83E123F0A40314F2E3F932A044002160B4045922A3F681A0C3FF934EF3F3E7B993E6ADFF43FDE68E33FEBE0FD3F27C6673FF8A6F83FDE68E33F3759DA3D3C2DF93FF319DF3F0BCD0040FE330D4095C20F405E919B3EF319DF3FEDC0EC3F97BBFC3F1E018C3E784AB53FB3C55B3EDE68E33FF319DF3F5AD2B03F128EBD3F68BCB33ECA23F33F9943B33F6942FA3E8971EE3F83E2AD3FE2030E3F39F7773EEDE1843E6AEFFF3F4B40FD3FDE68E33FE0B6C13FF4DEC33FF319DF3FF319DF3F2D47AD3FDE68E33F14080B40D1153B3E12474140586119405946154026BB543E5CC9BB3FEA9C0C40B5ACDB3EDE68E33FDEA5154008F7593FA47F06404C13203F123F0A40DE68E33F70FBB33E636EF83F7DBF1D3FDE68E33FDE68E33F522BA93F710EFB3FDC26B03FBB95AB3E6142F33FAA7FCA3EB846FB3EA2E90140DE44E33FAE6AE23F7CEE21403CF2FC3FA6B3AA3FDC20D43F3F45303FCAA8F53FF1086F3F3CDC04409A36C23FD9756E3EDAA6E53FF319DF3FD23DAF3F66DFFC3E24BEB03FF319DF3F4B09F23FFEBC7E3E754E0C40');
INSERT INTO "regsweep_row_losses" VALUES(8,'val_loss',X'1517AA3F085BED3F7200064098A93F3E3C9FD83F1DA7143F2A18FB3F780C583E46FAE23F5AA5DE3F07A90F404052004070D9DC3ECD250A40FE8BA73FE8EB65409ADF0F4010AC084086C4B43FF29F2C40284E0A3FE6D9683F3E6CB43EAAC07040CD250A40FCB0973E5AA5DE3F46FAE23F729A03403FB4DD3FA872963ECD250A404081174079D43B3FE2A90D40A5F48B3E293D843E10AC084010AC0840BEAEFB3FA8321E4010AC08408BC1194050D6483F10AC084046FAE23F76800C407E661240E68DA83F93C4D93EF26B00402D19B03F89DAEA3DE96FB53F65AAD33E6CD7FE3FF29F2C40AED7FC3F7C4BFA3E5AA5DE3F4423313F0EE24C40B7E5EE3FEBFD863EA5D7973E899A0640E4AA9A3E46FAE23F1B68AE3FF2F0EB3F07CBD93E6A05A83EC3290D407A74404078260F40A907FC3F2E0DFE3F5AA5DE3FF019C83F09C7D03EB4E80B405AA5DE3FDC9CA83FCA17FA3F543FF03FD0C8A73F2F8DBA3FE8BD853E46FAE23F5AA5DE3FB855183FC80CCB3ECB19173FB82E014013BE03407FA8B63FCEBB0A3FC3290D40119DBD3EF292B13EB052B93F5AA5DE3F26B34C3F5AA5DE3FCAD87D3ED1BC893E5AA5DE3F7A1A623EFEF3F43F803FA93F2C6CDC3E5AA5DE3FA840F03F691B1A3FCA2DBA3EC50BE93E331D343F46FAE23F4F77064074454340EC4AEB3F078BC63FB48FAA3FEC7FBA3F5AA5DE3FB58CD63F5CBF02402673F23F9E590B40FB13F93F4CA5D83EF618883E638AA73F57C9503F8D09B83F10AC0840BA5F023FAF2DF43FD88F0D40B4C7E03F0C23B73E8C12EA3F5AA5DE3F7654F43FCD250A4045EC0840B375A33ECFCDC93FF29F2C40966A064046FAE23F81C7A73F69C8F13F10AC0840E3B2A03F42C39D3F8251843EC7AB2140D0B00140534D23404465073FF9133340EAF4F73F444FD93F5AA5DE3FF29F2C4062FD0440C3290D40E058A73F1F662640D86B0340A1390A3FD1F40340A213A83FD61903405A27A93F5AA5DE3FA789CC3E5AA5DE3F6649F23ED952D03FB37F913ED6CDF83F97EFA63F5D62263FF4D61A3F46FAE23F5AA5DE3FE769023FA613024006C3ED3F843EEC3F46FAE23F837D803E2F83B13FFFB7203F5AA5DE3FE0D2433F2A7DAF3F82CEFA3E2891A73F1268843E46FAE23FF29F2C40C6E103409EB2123F5E71C93F46FAE23F61A5A83E9F2E09403BE54F4010AC084045EDFD3FE0E2643E45A8F63E12F61540C3290D40FB53043FCD250A40F29F2C40DBE22840CD250A40386C963E46FAE23F10AC0840E4ADC03F46FAE23FD1FE034070E3AC3FC3290D401C73F53F4A5611405D4E173FC6DF313FFED0EB3E5AA5DE3FE06B0D409A3AC63EF058E33F5AA5DE3F46FAE23F10AC08405AA5DE3FEB4D373FB1B5E43F10AC0840C4B4AE3FCF6D81407796BA3F10AC08401D5B693E5C5338402A60DA3F5AA5DE3F5AA5DE3FC3290D40EE16DF3FB31E174046FAE23FD13AE63FE923B13ECD250A40CE9D2B3FB1AD03401A0F0C40AF08253F1C08083FA9E0ED3FEC37963EB338F63F46FAE23F6545FB3F264A643FD950FA3F46FAE23F6BA4D23DC490F83F5AA5DE3F264D01406EEA0B4040900E40ADB7913E5AA5DE3FF4EDEA3FE844FB3FF1DC823E672EB33F238D563E46FAE23F5AA5DE3FBF0DB23FD4E1BB3F4B4AAB3EC909F13F28C3B43FC6D8EE3E5E21EC3FC684AA3F5E9E083FE51D6C3E7AC07E3E044EFE3F7CAFFB3F46FAE23FD958C03FF132C23F5AA5DE3F5AA5DE3F6C74AE3F46FAE23FD2760B404AF6353E9229454091AC1840A3FC144077E3493E856CBB3F05BE0C4058C8D23E46FAE23F526C1440DA7E523FB85A0540DEC81E3FCD250A4046FAE23F27C8A83E5877F93F44411C3F46FAE23F46FAE23F0CF3A43F6FFEF63F7624AF3F6B7CA13E62E8F33FA28FC13EE1B4F03E1B770140302CE43F6EA9E13FB1FF2240CB1DFC3FF177A73F1AD0D83F8F9B2B3F96C4F53FCE7C6E3F927A0440931CC63FF938693E4CA0E43F5AA5DE3FAC9DB03F7852FC3E4704B13F5AA5DE3FA442F03FB796723E3B570B40');
INSERT INTO "regsweep_row_losses" VALUES(9,'val_loss',X'444B083E88D408407FD3533F141DC53F4A17D03F8295D03F44628C3F97930140A329C63FD4CAFC3F9C20283F6C93553F3F33FB3F3F33FB3F2217D13FBAC61C403F33FB3F9ACCA43F3F33FB3F7037883F4822923F9862C93F0DD1DF3F86EB0E405E410A40F690D03F475FB63F7554C03FFAFA1840D06FD63FEAA01340257A273E70F323409978024099780240BB920840785AC73F53CA023DDA6CAE3FB095603FEAA013403F33FB3F3F33FB3F5A2C313FBB9208408D6F943F735E0340AA2E1D3F3F33FB3F74B09D3FEAA013406B1512403F33FB3FA0450140997802409CF01E3F028E903F5C5A07403F33FB3F38E2273F3F33FB3F20C8FD3FEAA01340735E0340A2D1F23F735E0340735E0340BB9208403ACB1540D6070640BB92084083F717409566E93DEAA01340DC89723F7031463FBE00104080611140E0913D3F302FCD3F3F33FB3FB23F523F3F33FB3FFC890A4086A70E40404DC63F2B19783EE83B214018AAE03F29F6D73F22F32E3F667BDF3F41E4483F5065CF3F06754D3E4808054070DF0940222806402E05313FEAA013403BA8833FEAA01340764B1D3F7BA2C73F3F33FB3FEAA013406EE1E43F581ADE3F37CF2B3E470F13403F33FB3F6106AA3FC4E0163F3F33FB3F7F9EAD3FA6ED0440735E0340BB920840EAA01340C89C373DEAA01340EAA013403F33FB3FC0443740DDD95E3E6A93363D3F33FB3FBB920840F96009403F33FB3F8EE32140EAA013407ED4903F8C8F10405E55803F3F33FB3F4758933FAAF0C73F1F68053DFAFA1840608C01408A9B49402815233FD8B605405905FD3F742A973F9DA93B3FEAA013408F8F853E6CB9443FCAEAE23F2ED2C53FDA7E9A3F813D463F00CFF03DEAA013402723D53FEAA01340EA851B3F3F33FB3F3F33FB3F6FA6DE3FEAA01340FAFA1840EAA01340AAE20F4091884440424C663F3562FD3FD81BE83FB8E5983FF3351440400EC63FFC36DD3FBFD50540E04DE73FFE8DA73D7B6FDD3FCB1D00404D3D2740C329243FCB0CFD3F34DFC83F8455C83FEAA013408494463FB43649403D042740B214DD3FEAA013404DD17340EAA013409F310A3F2A751D3F7746153F107AFD3F68798A3EE89FD13FC66A0740BB92084099780240AEA4583F3A50113FF8DDC53F485A563F3F33FB3FBB9208403F33FB3F188A1D40704BE03F82B39E3EB6363A3FEAA013404958BC3FFAFA18406E72FC3FD4DB453E3F33FB3FEAA0134016C3294045E29C3F398E983FFCD4C53FA6CCCF3F573F9E3F8EA0903F3B2DC73FEAA0134048A6374057073E3FF39D3F3F2D88973F1BB4573F0287023FE2DE063FC6CD3B3F3530613F6458EC3F3F33FB3F9D5B024078B225405991004099780240E5BEFC3FFAFA1840285A4840D00510404006E03FEAA0134054EAAC3FF473843F9349DE3F70FE9A3F4A94DF3FD4BB6F3F48B8343F7105AE3F3B9DCB3F2E84F33F54CECC3FFAFA1840EAA01340CE8C134061050A40EAA01340EA6402407699293F3F33FB3F9986354077D5C73FFD80814052C0883FDBB10F4015B91140F8A3FD3F100D2F40FD010D409E212C3F9067EC3DBB152D3F1E60E43FB8F30440474A863D7420064065010740BF1D8B3D34CCB63F44290140D22B0E40B0E72F3F70CF203F7B3DFB3F18939C3D7D64D13FEAA013408A590F3FC0F3D73F429A0440A0E91D40ECF5DE3F3E9913401D1DE63F9D4F024078B90740D1AA323E00F4903F10C58B3FADA30E4011D5F73F7BF1933FEAA01340B8F35940CA0005405F73044099780240F343F93E033B1A4099780240365D673F0053913F15B91140FAFA1840997802407A690140B0BCEB3FAC8DB93F019F39401E94E53F2C388E3EFAFA1840628E603DFEB20F3FDCB7A93F7945C63F9978024026525D3FBF829D3D8EA1283FEBC1C63FD0785D3D7A1CFF3D90F008403F33FB3F415C123F3F33FB3F99780240E31E1240503CFE3F3F33FB3F95C616409ABC01403F33FB3FFAFA1840BB92084094FC9D3FBC21FE3FBB92084052E4453F4E712840E8EBD03F');
INSERT INTO "regsweep_row_losses" VALUES(10,'val_loss',X'EDDE0740F5C9FC3F52350C40E7280F40AF840F40018E0F4008740B400E5DFA3F1FFF1040E4170C407DBA0740B4DD0B4049940A4092770A40988C1240517F1B40C18D0D40CD700A40DBAA0A40C35B0E4062380240DEEA0E407D63FC3F66B2194077F01A40F7FF0E4017FD0D4050CEF33F6D491A40D7F20E40C5611240530C0640E9710D40FECD0C403C150D409BC10740E22A0F400DD7024082F10D400C3F0B40C561124074760C40EC020B402A0105401F1C064031D30A40C744104075CF0640CF3A0C40BAF70540C5611240B6D31940216B0B40A60E0C401AE90C40F9BA03409D5D0540F9541B4065420B40CC5A074092770A403831F13F0374134006340F40904DF43F0BF50E40D0560F40871B0340EFE01E40F5B01B4092740340E5F11340C3E90640C5611240152A0A4089720A4023DE10400E3710402E77044014E310401FC10A40730B0540AD240D4043FE1C4086541A40FF8C0F4090FD0A40EC58124047EFFA3F067D0D408F8509408F37024038FB05407D221040DB6F0B409EC91A4098E50E40C94A1140E37A0E40C561124015CF0A40C5611240FC6008403CA30F4092770A40C5611240E709FB3FA0E8F33FC5880840ADB81A4092770A406E020B40D5E9054014110D4010BF0840DC2B1C40E3FF0E403DC40140C56112409A1E03400E2F1340283C134092770A401A260E4028E8084002090640028E0D40DEECFB3FBCCE0E4045CC0C40DBF41A405C5714409E8E044094960B404C23094092770A40430E05400E0410400BAC0040F95E1B40F3A40C40B5FA1C40887E044032851B402B700C403CB5044056180D4084051340ADF809408EA20840746009406E5210401E1904403B7F04409EC30640C5611240030C0E40C561124051A6054092770A4092770A406919FD3FC561124074AB1940C56112405FB91B40C9200F40A76C0440593E0D40DD49DE3F76E104407CD8134068501040F3A50740A54C1A40DB2C0640C2980540AE4D08402D950D402F1E1140E9BE0440B0B60A408E6F0F40A2A50840C56112409C00074084A314407768134042921140C561124072220E4090B613406E3304400926074079F70740F30C0C40368B05402A3A0F4010151940E9E70D4000DD0C40EC380840E6200440C12B0F40D5210A4092770A4077BCFE3F92770A409E3E1540A2BFF83FF3240A4022BF0A40C5611240231B0D403CA71840821E0240E1020940A0140C40C5611240E8B01B40F1840940A452FA3FA34E1040D7111140ECB304405588024033001040C5611240326011403CE30440F515064005B20A409D990540A88D0B401B1803408F9C06407122084096440F4092770A4079B40A401B800C40C445F93F074A0C40A62E0C40262C1A4086021040278A0E400E83F53FC56112406AEB0640AEB007409C55F13F5D80F33F7A55F13F60F80640ACE00840624D0A40B2D01040A85A0A40AFF60F40DA1419409E811240C5611240CB020C40C5611240F0F50C40449E094092770A404BFD0C40117D10408981124009340D40F2FAF63F37500F40DD510C40F3B714402C2EEF3FB8D608409E4A0A40D3B40640908EF73F38661A40720C0A4047FF1940BECE1A400D0F0740EA8C0740772A0C4002150E4021910640A83F0140A2EBF63FA53B0040DC7A0940507C1340EE6603400684104085A71940E9E10E401235F53F83C21240D2921040E3621140D92B1B4042580440A8E0024081420A4088830C403A44FE3F7C7E0440C561124082DF1D407F5C1140DE021C404F130C404FEA04406ACB14403FED0B40AADE0640D4EC014004B5114009251A4062350D40FFCF0B404455F43F0D280F4057560F409197F63F3CBB094013E31A40059304401DA40640AB0B0B401AC01040B7740C4013C4054093AC034058C908405ACB0F40DE210440F007044073110F4025860B403CF6024086390B40FFCF0B40E1670C40AF0A1340C39A0B4034A317404C32ED3F92770A404EA1184077B9FA3F300F0C40A5F71040DBCBFD3F3A8D0840FBFC0E40B2870F40');
INSERT INTO "regsweep_row_losses" VALUES(11,'val_loss',X'8E33EB3FFC13104032551E400870F73F35B7084003720F4062321440A186FE3F6F8406409D9F0540C6701F402ED713400B91FC3FD6F8134078B6EA3F74770B40A15320406DA91040C7140F401C591E40A661044056BCFD3FEF270C40A076084085BC1240AE01FF3F9D9F0540D3BC08402274204091A011408AFBEE3F760B1540ACCD1F408EBC0B40705E1E4008DCEE3F8BB602406DA910406DA91040EE270F4045A20740E0FC104080E00740A4ED12406DA910405D3307409A6913402CD705405820F33F87F403406DA91040C7140F40750704409782104035E203409F5913405C6F1E4099DD1340449D0B409D9F0540E6480D4032551E40F3C8064084ED0D408B8402406DA9104025990340740C07401AAEEF3F6DA91040583C114086F90940C7140F4032551E402B351F4057EC1040598320409BC206402A1508404FAA074042181F40BAA50540A5FB0F409681254004A41540FC53FC3F01FB104098D60040CF0706409D9F05407CE90640539CFC3F1B0604400E58144024C220402DD5F53FB098F83FC7140F404E7A01402E83044047A601409D9F054008960E409D9F05408AE905409FA9FB3F3AA30540DC020140EA851440C4C00F40EBF210409D9F05405C341140CB690C40BFC303400674064079B2034068BC0840CC43124045430A40C8FC1240D063DE3F0C4A1240EF70E13F9D9F054002B1EE3FE94C1640400C07406756164045D2154022080140FC2AFB3FE02FF93F236A0A40242910406DA910408A6A0340673C07403ECA1E40BC9CE63F09F508409D9F05409D9F0540ECAF10401BAB144009E52040759B0140A1400F401B972240F24517406DA90640B423C73F63EB17406DA910409B6CFC3FA38E1540C12101402C7A0F40D4A51540FCCD1E40CA2AF73F1C8F2040D66F1540084FEB3F9D9F0540C7D61E401A3E1740C7140F40C7140F4032551E406DA910405BAC01406DA91040B9E2E23F85BC1240C7140F409D9F0540E84BFD3F9D9F05407A7B044050FAF23FEC610140EE781340E1BF0F40E85A0440BDE4044007DC05409D9F0540F17B02406DA91040C7140F4076F011403FF20540A43E094061CE0F409CC90F409D9F05405BD70F40CFB00340A4B90A405FE5F33F44C30340820E074032551E406DA91040D2E2124025B20E407313064068690040C45F07409DBE13406DA91040FCD9094069C1FF3F089905401DAE1E40F0AD0F403463114085BC124032551E40BCB51E4085BC1240E7CE0240FEF109406DA9104063C10F40A44908406DA91040BA1BE23FC7140F40E41B134024EE13400E251240ED1104404A63FD3F9D9F054066E31040204D0240C4E406409D9F05403E3E06406DA910409D9F054054DD1240746B06406DA91040D4B2DB3F94C30A402CC3CD3F6DA91040B918044007DC05406EF3C23F9D9F05409D9F0540660511401DB5064049971E40FE980B40B58A1040F9C5034054BD12402F1E07406DA910406FA215403A5B0F40144A0F406DA91040C6F40440FF7A094007DC05406DA91040B0910840A2D1DC3F6F0D07407255FF3FBE9ED73F9D9F05403646DD3F54061F4084F71E40CA89FE3F9D9F05406DA910408FE61240B0A703407A2410404DBE0240FAF206409D9F05401EDBDB3FDD190F40B33DFB3FA44513408099D93F02210E406DA9104038290F404EFC0640EEBCF93F34FCFF3F6DA9104085BC1240ACB9094052B7114091F610409D9F05409D9F05402054D83FE2690640B25D1440C6EA01407F732040F2411F40BA16214089C3F13FB6CEF03F3A5716400B4F0040824306407AF61240C6C81540E0AC21404C5F0440F24113403C5A064093680F40290F0740AC0603409A6407409D460640DC691840CD3F2340ED2CEF3F5CF50E4038C90F403E0D0040ABE80E4085BC1240D874064065A1064061341840FD42134074AF1040BDD2E13F81E70B40098207408852F73F42E415408A46DC3F99DD0040249116409D9F05409850CD3F0E2E0240B495D43F9D9F0540FBDA144020B6F43F6A7F2240');
INSERT INTO "regsweep_row_losses" VALUES(12,'val_loss',X'532DF93D0AAF08403EB74D3FC33EC23F660CD03FA862D03FE4D5883FF40D00407A64BF3F2E9CFC3F29D9223F49784E3F92FDFA3F92FDFA3F856DCC3F6615194092FDFA3F03B7A73F92FDFA3F73FD813FFD17923F1EADCA3F7931DD3F36940E409AFE094000B4D23FBF3AB13FF894C43F66151940AD9ED93FD0BA1340BCB5183E547F264022620240226202400AAF0840DC48C73FD7C2E23C806AA93FA52C5A3FD0BA134092FDFA3F92FDFA3FDF622B3F0AAF08405CE7923F19D60240629D183F92FDFA3F6D8D9D3FD0BA13405694124092FDFA3F79480140226202400E551A3F83A8903F8A82064092FDFA3FB046223F92FDFA3F692FF93FD0BA134019D60240C515EF3F19D6024019D602400AAF0840385C1640CA6A05400AAF0840D64919401F33D43DD0BA134018626A3F9E00403F70C210409C9412401FCC373F5132CB3F92FDFA3F645D4C3F92FDFA3FCE8F094008D40E40E1FFC63F837A6C3EC1852240BFECDD3F20CBD93FB0A4293FE617DC3F10F3413FB74AD03FC41F403EF04D04402E490A4070420640D539303FD0BA1340A8D17F3FD0BA13406F8E143F086CC83F92FDFA3FD0BA1340F29CE03F81D1DA3FBA23203E0AFE124092FDFA3F5896A83FE60F123F92FDFA3FA3EAA93FA440044019D602400AAF0840D0BA13400A01223DD0BA1340D0BA134092FDFA3F14373840C41C4C3EBBAC1B3D92FDFA3F0AAF08407AF0084092FDFA3FF4132240D0BA1340CEAD903F15CA11403CFC7A3F92FDFA3F400E933F73BCC83FC2C5E63C66151940EDDB0140E4174F40DC241D3F8B230540ADECFC3FC243973F504F393FD0BA1340AF687A3E6A1A3E3F42D7E93FCC05C63F090D9B3F84AD423FB43CD93DD0BA13401A8DCD3FD0BA1340F4C4163F92FDFA3F92FDFA3F643DDB3FD0BA134066151940D0BA1340599F1040420846409E39613FF849FD3F1F79E23FFBF6973F7F071440803DC63FE2DCDB3FEEFB044014F4E63FAC65953D86A6DE3F5142004031052A40BE181E3F35FDFC3F1AEFC83FDCB1C63FD0BA13409E29403FC2B14E40E66A2A40249EE03FD0BA1340BF717C40D0BA13401A9D063F7610193FBF32103F0DC1FD3FFD32833EEBE2D13FFC9B06400AAF0840226202407254523FB56C0C3F7C02C63F1D854E3F92FDFA3F0AAF084092FDFA3FF0EC1D403A7DDE3F3C16983EB1FC333FD0BA1340F84BBD3F661519405F33FA3F76ED3D3E92FDFA3FD0BA1340CA2B2740D6B6993F89B2993F4E13C63F0F8FD03F93F29D3F8090903FB212C73FD0BA134041263C401BDA493F127C413F0BA9943F0F36523F52CFFF3EA69C023F3C9E363FC13A5B3F627AF33F92FDFA3FC1AB0340B4212740A00FFE3F22620240D685FC3F661519401C5A4E40A6AF10401C6CDC3FD0BA1340A5C2AC3F3E0D813F2994E53FFE689C3FFB81DD3F1C836C3F9680353F7770AE3FD127CD3F6EF2F83F249ECE3F66151940D0BA13400095134066970A40D0BA1340226202403BF3233F92FDFA3FBD123C409899C83F6A64854024B3853FB5AE0D40AAD11140FB1AFE3F1E68304012E00C4079F3263F123FD63D282E293F1F47E33F3E3C04400DDA693D4DA50540BB5F0640EE56763D4ADDB33F511D01409C0F0D40ECE4293F67AF1B3FE86DFC3F2D89923D9A42D13FD0BA1340971F0B3FBA37D83FA4DD034050671D40DDCDDC3F64991340ED70E23F5C390140844D0740C912293E2A1C913F87788F3FD44D0F40623EF63F3BFA933FD0BA1340212B574019D6024094C5034022620240569FEF3EF8351A40226202409A26623F4C7D913FAAD111406615194022620240048401406A6BE73F392EB63F2AF53A401431E23FC3B2883E661519402335463D003F0B3FD4C6A83F0271C63F22620240DDEB563F24268D3DB0BF213FB89DC63F3999443D4FB5EA3DB82A0B4092FDFA3FF00A0E3F92FDFA3F2262024080D314407327FE3F92FDFA3FE82B1740F209FD3F92FDFA3F661519400AAF08403EE29A3F4CDD00400AAF08407FF7403F38482C40C17FD33F');
INSERT INTO "regsweep_row_losses" VALUES(13,'val_loss',X'0545FB3DCCB2084048214E3F11F4C43F3D34D13FDACFD13FCB9F893F89260040382AC03FA4DFFC3F30B9243F96E64F3FB608FB3FB608FB3FFBF6CC3FEE7B1940B608FB3F9DBFA73FB608FB3FBA51823FB320923FF0AFCA3FBA69DD3F419C0E40AEDA0940829ED23F427AB13FA05EC43FFE151940AEA8D93F3DB91340CE481A3E5E0826403E5B02403E5B0240CCB208403AA9C73FE62BE63C23C0A93FACAB5A3F3DB91340B608FB3FB608FB3FB75F2B3FCCB2084068F8923F15DA0240C0E3183FB608FB3FBBA69D3F3DB9134021CB1140B608FB3F876001403E5B024055FC1A3F60AF903FB46B0640B608FB3F56FD213FB608FB3FBA73F83F3DB9134015DA02407324EF3F15DA024015DA0240CCB20840646C16403E3B0540CCB20840383E19408EA4D63D3DB9134024DF6A3F870C403FC61211401CDE1240C45F383F1884CB3FB608FB3F21074D3FB608FB3F85760940F0920E407F4CC73F6FE96D3ED13F23405E13DE3FBE90D93F87F9293F3054DC3F1B50413FF27FCF3F9D26413E582A044087B80A40C7DE06401E7F303F3DB91340B6007F3F3DB91340CA35143FFB12C93FB608FB3F3DB9134026D3E03F51F2DA3FEE46213E2F031340B608FB3FF4B7A83F0285123FB608FB3FF08DAA3FE510044015DA0240CCB208403DB91340B65A243D3DB913403DB91340B608FB3FBE9C3940F86E4E3EA5361D3D105BFB3FCCB2084040230940B608FB3F2E9621403DB91340FBB9903F2DC21140B6667B3FB608FB3FDC22933F4E02C93F2769E63CFE151940EA2C024075B94D40D9851D3F4EE40440104DFD3F1E43973F5E71393F3DB913404E4B7B3E34B93E3FCC3FE93FCF50C63FCA0B9B3F2AF5423F294ADA3D3DB9134068C6CD3F3DB9134002F2163FB608FB3FB608FB3F545FDB3F3DB91340FE1519403DB91340410B10404BD44540331E613FDE8AFD3FB4FFE23F28DB973FAE0E14403498C63F26EED93FE0D1044021A9E33F2F5D973DDEFDDD3F474E0040CA0E2A4075AD1D3F73F5FC3FF029C93F6207C83F3DB913407F833F3F20094F40013E2A40B841E03F3DB913401D647D403DB91340B6E1063FEA83183F48A4103FF3C1FD3FA625843E71D8D13FAE7B0640CCB208403E5B0240F1CD533FE5E80D3FB84BC63F5D2A4F3FB608FB3FCCB20840B608FB3FEEFC1D40DEA8DE3FC0B3983E9289343F3DB91340BD2DBD3FFE151940B706FA3F63A43E3EB608FB3F3DB91340941B2740A0F9993F9AA8993F0B6AC63F329CD03FFF179E3FC99B903F8E56C73F3DB913402DAC3D40A46B463FEC8F3B3F49EE943FBE9C523FF39BFC3E4034033FDE41373FB79E5B3F0EBCF03FB608FB3F0B87034087102740A16DFE3F3E5B0240AAC7FC3FFE151940FCD54D40B8951040FC97DC3F3DB913407ACAAC3F4941813FF919E53F9E559C3F9F84DD3F2E936E3F8DC4353F367CAE3F4E7DCD3F302BFB3F2AA8CE3FFE1519403DB91340FA941340D0F40A403DB913403E4A02403B56243FB608FB3FDB8F3E4010F5C83FA39E85403D51863F976E0C40BAD011406220FE3FB4673040E88A0C40766A273FD782D83DD686293F2F5BE33F54FF034046DF6B3D945805407A1B06401906793D79E8B53FED6D0140C04E0C4090672A3FD4C21B3F7E73FC3FCF2D903D1ED9D33F3DB91340262C0B3FD152D83F14A403404ABE1C4012FFDC3F9B9A13407EEFE23FD0720140F4DD06401A4D2A3E5E23913F2A6C8F3FC9340F405C33F63FC402943F3DB91340F479564015DA0240178A03403E5B0240865EF03E203C1A403E5B02401812633FAE84913FBAD01140FE1519403E5B02401C9101405C7BE73FF463B63F229637403A60E23F7756893EFE1519402E95483D3C9B0B3F78FDA83F36B6C63F3E5B024059CB563F9F34903DD931223F91FFC63F0B4E473DF924ED3DA9220B40B608FB3FD0640E3FB608FB3F3E5B02400FC11440AD65FE3FB608FB3FFE3217403FB3FD3FB608FB3FFE151940CCB208406AE69B3F357A0040CCB20840A55E413F34E72B405A09D43F');
INSERT INTO "regsweep_row_losses" VALUES(14,'val_loss',X'28228C3E45690C406E9F833F2418CC3F4E08D43F1C5CD63F90B59F3F82FC0C40E6ACEB3FC8820140E83C503F3B25823FEA08FE3FEA08FE3F2CDAE43F2F242D40EA08FE3FB70F8D3FEA08FE3F1677B43FE4F9953F6CDFC93F9B2BF73FB021144037940F40D0A1CA3F5CB4D63FD1B7A43F2E3D1840E408CD3F1DD1124016BD953E96061A403736034037360340412508408B27CD3FBDC0C63DC6A4CE3F4CED903F1DD11240EA08FE3FEA08FE3FCD3D593F41250840B9C0AD3FD7A0074063974E3FEA08FE3F6F9DAB3F1DD112404C131340EA08FE3F3736034037360340E6863D3F94EC933FFF240D40EA08FE3F320B4A3FEA08FE3F48A20D401DD11240D7A00740C9430540D7A00740D7A0074041250840D5FE1440A6770B4041250840586D1340C69E6A3E1DD11240C631953FBA5E7B3F06750F40D5580D400B3E5E3F7A05DC3FEA08FE3F5AE6753FEA08FE3F6D29114065E511408A42CD3F0B56C53ED40B2040187EF73FF194DB3F649A633F140AF73F1E65743FC6BBD43F044DBA3E76200B4098010D40BDAE0A4003A54D3F1DD11240EDB79C3F1DD11240D926553F633EC93FEA08FE3F1DD112408D0300404E75F93FB6F7913E27421340EA08FE3F1AA5BB3F6A6D413FFF56FE3F58BBC13FC3DA0A40D7A00740412508401DD112407EAAEC3D1DD112401DD11240EA08FE3F58572A40C06DC63E9259113E917C0040412508405FC40D40EA08FE3F136823401DD11240E413983F0E4010405F9E9B3FEA08FE3F03059C3FD638C93F74E5C33D2E3D18403736034047C72E4050944D3F4A880B40B58D014017809F3F2E994F3F1DD1124051B2E83EE806703F119AD53F023DCD3F540EA03F13BD653F5071793E1DD112409287F53F1DD112402A253A3FEA08FE3FEA08FE3F3569F83F1DD11240C93816401DD112406C4A1040820E32403AD8803F48880140F6D206405623A43F81811540F84BC93FB17AE93FDE7B0B40E1FDED3F4EF73F3E5A2BD43F26FC014008712040A6F64C3FD88D0040995FCD3FFB7CDE3F1DD1124047D0753F618F364006811D4024E9DB3F1DD1124093AA5340233C13405039333F75323E3F2726443F398001409F86BD3E40A5D53F7D7E0D4041250840373603401E50763FCAF2333F8A22CB3F0D48883FEA08FE3F41250840EA08FE3FDDEC1B4022B0F53F5263E83EEE6B6A3F1DD11240D62DCD3F2E3D18404474024035A3AB3EEA08FE3F1DD1124088EF3540634AB13F5C5F923F2CF6C93F2700DD3F5F32A93F5690943FCA62CE3F1DD112409B9D2E401483483FC526433FB195B43FEB4E7B3F7A8A3D3F59F0243F677B583F9B53883FEB1CD03FEA08FE3FF19EF83F94751840E4D5074037360340F38F01402E3D18400A722B403E19144059AEFD3F1DD11240497FAE3F2298973F7F0CB23F5DD4933FE7B3F93F9A227B3F5AC93E3F7C4AC23FA831C93FA991F63F11A6C93F2E3D18401DD11240B08F134044740B401DD1124089290340E02A523FEA08FE3FDA1026403CB8C93F16EF5B40F403953F233C1A4017CA1040428501405A2C2740D56B14405FF35A3FF6587D3EB21F5C3FBF3DF73F47020B407C203A3EDED70B40BF090C40E9D7263E0856D63FF97303409CA2114040E15B3FE0AB4B3F36ADFF3FE4040E3E7D4DE43F1DD112408F432E3FE95DD83F388D0B4086471D4007D7F43FA87513403B62FE3FF693074005D00C40494F893E88E4913F34A9713F436B0A40C995034062BF9B3F1DD11240445557405CF21B409BDE0A40373603409D89263F55E01A4037360340A045813F3A83913F17CA10402E3D18400FC40340A66A024065BF0340B515CD3F3A6F28400588FE3F0AAAD43E9DDC17401538143E43BD3E3F6800BE3FB736CC3F373603400C56833F7FA3323E73895F3F0E10CD3F3A990F3EAC98753E75920540EA08FE3F0CC1333FEA08FE3F37360340BD980A40C2C00440EA08FE3FD376164041250840EA08FE3F2E3D184041250840ED73AD3FCC570140412508409EFF793FBDE12040B7A1CA3F');
INSERT INTO "regsweep_row_losses" VALUES(15,'val_loss',X'8762B83FD49FFA3F9BA01640F28BC43E7883D13F747F523FC2110440309CCD3E6E73E83FAE87E43F08531840D3810540A8D6113F23420B4025C4A83F909A3940C0471A40DB41084060CCE23F69F22740C8811A3F1001813F6ECA103F92BC344023420B4022C3023FAE87E43F529FEA3FBBC11A40AAFA0C40FC8BEC3EE799094032F41D4082EF513F044E244054B6CF3E8ED0A03EDB410840DB410840D0D00A408C091940DB41084010E605405D76833FDB4108406E73E83FDB2C1A4011B20A405D88AB3F00551F3FDB41084055A6DE3F5BF38F3E8938D43F0C27F63E6D3C084069F227403CF20340A839313FAE87E43FF939573FAA8032406BAAF13F0004043FDB70AB3EDB4108404B92BC3E4904ED3F1E0CA63F0A13FE3FBD91303F02A8073FD0D00A4091762840F3461B403C240740240C1340AE87E43FAC8FBA3F38EA163F21211840AE87E43F3899DC3F52DC104006940040E87CA93FB6E9F63FDA33EA3E6E73E83FAE87E43FA7C8363F31421B3F03B0263FF6BA0440426E13408DBCB53F023B253FD0D00A404DE6DD3EE9E0023F2868C13FAE87E43F5EF2803FAE87E43F5616A63EEA41EB3EAE87E43FFA6CD43EC40E0240F01BD63FF07F313FAE87E43F6C94FE3F6226473F66D5D33EF8F50C3F7DF85B3F6E73E83F7DCDFD3F659A32404280FF3F406FB03F0EDECD3F221CAA3FAE87E43FA653AB3FC86003405CD4F63F194911403E2B0640967E213F68EC9F3E4C6AA63F4C376F3F61E6ED3FDB4108409A210E3F3283FB3FD2171B40F25AB23F3CD7073FAE87E43FAE87E43F701D0440E8830A4095FB124044ED083F3B69004069F22740145309408B2AE93FF5F7A43F94B40040DB4108400869953F1CA0C33F2997A43E3B231340203F0540AEBB2140B36F363F84F52740248D014005DBDC3FAE87E43F69F2274061770B40D0D00A403C16D63F7F702C402DFE0540DE64193FDB410840113BA53F68BC084068DED23FAE87E43F846E1A3FAE87E43FA410063F2381D23F9A13B33E331C0340A8F9CD3FD6334E3F8A79573F6E73E83FAE87E43FD3E4143F124A0540D0D00A40F234FE3F6E73E83F6B31F53EAF3ED03FCC3D5D3FAE87E43F90827D3FEC66A53FC3134E3FFCDBA63FD4C9A83E6E73E83F69F22740DB410840E232763F0EBBC63F6E73E83F120ACE3ED43D0940C2E23140DB4108406852F93F3F66D73E7C620C3F27B01D40D0D00A4049D45B3F23420B4069F22740704A274023420B40AE9B063F6E73E83FDB410840F283D83F6E73E83FDB41084082E9A83FD0D00A40C276034046600A4059245F3F1C695B3F6C66263FAE87E43F66110B40E8B2EF3E99B0E93FAE87E43F6E73E83FDB410840AE87E43FBDD6773F5671EB3FDB41084012F1AE3FB80E474051B2AA3FDB41084027BE983E4240F33FECE1B93FAE87E43FAE87E43FD0D00A4046D6F03F1A0A1E402B87EF3FB086EE3F6CD7FD3E95110A40F7C64A3F2AE50740576A07403899653F11543A3FA709FE3F1F49C53EDA64F33F6E73E83FC2DF0640D2BF833FB3F2EC3FA9EBE93FBF242A3E5092EF3FAE87E43F128AEF3F87BF17401E471A403567033FAE87E43F60DFFD3FE90D064074DBF73E3A89D03FAE0A883E6E73E83FAE87E43F1A89A73F0A1BD33F4AF4033FF48C0240BEADA73F1184343FDBAD004084DCD33FBEA0293FB7A0C93E1C49B73E78330640100705406E73E83F26DCD53FCC30D83FAE87E43FAE87E43FC0C8A53F6E73E83FFBAC0940CB12683E49B12340E9861F40169A184031B0AB3EE36ABC3F67CB0C407F771A3F6E73E83F99D01C40594D973F40581340D5972B3F23420B406E73E83F8415173FE63CF63FF91D2B3F6E73E83F6E73E83F9E5AE03FC0CF0E40A5C1B73FA0AF0E3F3F45FD3F5E4D183F1CE62E3F1A5D06402618E93FFD91F33F2C0D224051230340FAD9D33FFF97B73FFC98503F3E18F43FB8716C3F6A5A07402E38AA3FCDF98C3E3098FA3FAE87E43FCAE2A63FE33E083F1FADAA3FAE87E43FD1150140231FC43E13371640');
INSERT INTO "regsweep_row_losses" VALUES(16,'val_loss',X'61D2F93DF8B10840359A4D3F7C9CC23F7A72D03F9AFAD03FFB8B883F97ABFF3F064ABF3F48BFFC3F00F6213FA0AD4D3F8D00FB3F8D00FB3FCDD9CB3FC71519408D00FB3F1B42A83F8D00FB3FB6EB813F6718923FC6ECCA3F7A22DD3FDC9C0E40B0C60940471BD33FF53AB13FA8ADC43FC7151940350BDA3F7BBB13404A63193EF94D2640AD5F0240AD5F0240F8B1084028A1C73F2D45E33CDC5DA93FBD145A3F7BBB13408D00FB3F8D00FB3F6A722A3FF8B10840F2CE923F6DCE02402494183F8D00FB3FF58F9D3F7BBB1340C14D12408D00FB3F785A0140AD5F02400697193F89AF903F727206408D00FB3F1A84213F8D00FB3F78B8F83F7BBB13406DCE024026DBEE3F6DCE02406DCE0240F8B10840146D164086480540F8B108407A5319406399D43D7BBB134004416A3FD2063F3FD4F7104074CF1240064B373F1E57CB3F8D00FB3F869D4B3F8D00FB3F845E0940329A0E40BC57C73F768B6D3E7ECF2240DCD9DD3FD2E1D93F258B293FCCF7DB3F13BB403F101CD03FD58A403EA532044033790A4058B006406A6A303F7BBB1340B6E47D3F7BBB1340415F133FE40EC93F8D00FB3F7BBB13401D63E03FA4B6DA3F89F6203EFEDD12408D00FB3F828AA83F6621113F8D00FB3F07B5AA3F322804406DCE0240F8B108407BBB13404CBA223D7BBB13407BBB13408D00FB3F0E16394021E64C3ECC8A1B3D8D00FB3FF8B10840F40109408D00FB3F759921407BBB134001B0903F4FCB1140D2037B3F8D00FB3F8D0E933F9218C93FBEB4E63CC7151940680A02402CA14E40285C1C3F6C0605405617FD3F3A3B973FA0CF393F7BBB1340E8A87B3E1A313D3F14BAE93F8263C63F58079B3FAAB5423FBA5DD83D7BBB1340678CCD3F7BBB13407F3E163F8D00FB3F8D00FB3F841CDB3F7BBB1340C71519407BBB1340E61E1040A41F4640C3E6603F3065FD3FCA70E23F7474973F6B0814404BA0C63F816BDA3F26DD0440487CE43F8BE0953DA50BDE3F5A49004015DC2940DE021D3F4CFEFC3F7B61C93FBEACC73F7BBB134002DD3E3FCDBA4E407B452A40E0DAE03F7BBB1340533E7D407BBB1340E39C063FC1B1173FDE3B103FBCC3FD3FFEAF833EF005D23F2C990640F8B10840AD5F02401497513F9A8F0B3F885DC63F74964E3F8D00FB3FF8B108408D00FB3F90F91D40F876DE3FDE82983EB3FE333F7BBB13406428BD3FC71519405D07FA3F0CEF3D3E8D00FB3F7BBB13409218274094C9993FEEBB993FDE74C63F2CEAD03F99F79D3FDE93903F5D74C73F7BBB134032A53D402E58493FF5A13F3F83B2943F5250523F3243FD3EDF0F023FAEE6353F94505B3FADA1F23F8D00FB3F9CCB0340DA47274095F3FD3FAD5F02402DA8FC3FC715194074984E40578510408043DC3F7BBB134000E7AC3FFA1E813F37B0E53F986E9C3F115FDD3F0FE06C3FDDEB353FFA5EAE3F8CA4CD3FB730FB3F03FBCE3FC71519407BBB13406095134043990A407BBB13404A5902405633233F8D00FB3F828B3E406D1DC93F141786404785853FA1CF0C40AED311405628FE3F9C68304011CD0C40E2FE263F3626D73DF32D293F2C59E33FC81204407737693DAB77054052440640C473763DDAD9B43FD14A014096990C4039F6293F4ED01A3F127BFC3F447F913D6CFFD23F7BBB1340A1470A3FE245D83FBABB0340C8151D4053C5DC3F6E99134060CAE23FF9620140720A0740D0D1293E0A23913F8AFD8F3FE03C0F40BE1CF63F3EF6933F7BBB1340A0EB56406DCE024073A00340AD5F0240A4A4EF3EA62F1A40AD5F0240B396613F6485913FAED31140C7151940AD5F0240758B01402B24E73F9E72B53F9AC03A40D8FFE13F83FD883EC7151940941F463DD23E0B3F40D6A83F8CD1C63FAD5F0240B1C4553F117C8D3D8FBB213F0C05C73FA619453DDF5DEB3D31360B408D00FB3FE3140E3F8D00FB3FAD5F02404CE01440C665FE3F8D00FB3F42321740F80AFD3F8D00FB3FC7151940F8B10840169E9A3FF4CE0040F8B10840D2F0403FAE652C40CA49D43F');
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
INSERT INTO "regsweep_run" VALUES(1,2,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.92542369721664319293e+00,1.90187478105577323361e+00,3.22222232818603515625e-01,3.18181812763214111328e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.92542369721664319293e+00,2.0,2.3141996517183494042e+00,0.0,148.0,0.00488718999986304,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(2,3,0,0,0,0,1459132311362927889,519809274437016180,'pruned',2,1.88481358022739486912e+00,1.85549648764071517526e+00,3.08333337306976318359e-01,3.13543587923049926757e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.88481358022739486912e+00,2.0,2.69331662372438751518e+00,0.0,148.0,2.53986499592429026961e-03,'worse than the trials kept at epoch 2');
INSERT INTO "regsweep_run" VALUES(3,1,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.6692318845954206008e+00,1.62849144153089597786e+00,0.375,3.77551019191741943359e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.6692318845954206008e+00,4.0,3.61325783104553677205e+00,0.0,148.0,6.58564299374120309948e-03,'');
INSERT INTO "regsweep_run" VALUES(4,4,0,0,0,0,1459132311362927889,519809274437016180,'complete',4,1.66832369909518285489e+00,1.62587928429854167156e+00,3.69444429874420166015e-01,3.78478676080703735351e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.66832369909518285489e+00,4.0,3.65130357085959023066e+00,0.0,148.0,4.55850189828197471797e-02,'');
INSERT INTO "regsweep_run" VALUES(5,6,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50470541566610327421e+00,1.51293943687609933057e+00,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50470541566610327421e+00,4.0,4.03185017849870153128e+00,0.0,148.0,3.59487849830960205094e-03,'');
INSERT INTO "regsweep_run" VALUES(6,5,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50465166603939404232e+00,1.5128667948625857953e+00,4.33333337306976318359e-01,4.22077924013137817382e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50465166603939404232e+00,4.0,4.033021980147,0.0,148.0,0.00924274549227751,'');
INSERT INTO "regsweep_run" VALUES(7,8,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.51080365588681564403e+00,1.52022839450935709493e+00,4.36111122369766235351e-01,0.423933207988739,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.51080365588681564403e+00,4.0,3.91945705979452219125e+00,0.0,148.0,0.00589836850122083,'');
INSERT INTO "regsweep_run" VALUES(8,7,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.50533457787500490887e+00,1.51361127774851444982e+00,4.33333337306976318359e-01,4.23005551099777221679e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.50533457787500490887e+00,4.0,4.02164260407956763998e+00,0.0,148.0,1.15462354951887391507e-02,'');
INSERT INTO "regsweep_run" VALUES(9,8,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64876391330940852419e+00,1.61383954063057899475e+00,4.02777791023254394531e-01,3.82189244031906127929e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64876391330940852419e+00,4.0,3.60492972402942291054e+00,0.0,148.0,3.49365874838743640379e-03,'');
INSERT INTO "regsweep_run" VALUES(10,10,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,2.18355759614043787308e+00,2.18024183270661398026e+00,2.61111110448837280273e-01,2.70871996879577636718e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.18355759614043787308e+00,4.0,7.874559730462405982e-01,0.0,148.0,3.49365874838743640379e-03,'');
INSERT INTO "regsweep_run" VALUES(11,10,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,2.16163137157758056261e+00,2.16413435688266497791e+00,2.72222220897674560546e-01,2.61595547199249267578e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,2.16163137157758056261e+00,4.0,8.53383065930671369514e-01,0.0,148.0,3.49365874838743640379e-03,'');
INSERT INTO "regsweep_run" VALUES(12,6,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64567492981441310107e+00,1.60834499985387413545e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64567492981441310107e+00,4.0,3.70541796159880965078e+00,0.0,148.0,3.49365874838743640379e-03,'');
INSERT INTO "regsweep_run" VALUES(13,7,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64609428403588631262e+00,1.60875584300199658827e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64609428403588631262e+00,4.0,3.6959478127889688892e+00,0.0,148.0,6.95684275342500768601e-03,'');
INSERT INTO "regsweep_run" VALUES(14,9,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.70298087036030154628e+00,1.6773474058188180269e+00,0.375,3.73840451240539550781e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.70298087036030154628e+00,4.0,2.89303092267218842081e+00,0.0,148.0,6.95684275342500768601e-03,'');
INSERT INTO "regsweep_run" VALUES(15,9,0,0,0,0,4298829809192954015,3032808758623970452,'complete',4,1.57820391572184037798e+00,1.59432483754761800121e+00,4.52777773141860961914e-01,4.28571432828903198242e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.57820391572184037798e+00,4.0,3.11479538341784278898e+00,0.0,148.0,6.95684275342500768601e-03,'');
INSERT INTO "regsweep_run" VALUES(16,5,1,1,0,0,3601563065129809405,3757250174349333235,'complete',4,1.64572053961973230329e+00,1.60826343221413670114e+00,4.02777791023254394531e-01,3.84044528007507324218e-01,NULL,NULL,2.30260896268242,1.00000001490116119384e-01,0.0,1.64572053961973230329e+00,4.0,3.70659250361757530711e+00,0.0,148.0,6.95684275342500768601e-03,'');
INSERT INTO "regsweep_run" VALUES(17,11,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55103000387963319006e+00,1.5424272138573547064e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.5927808966726313411e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55103000387963319006e+00,4.0,3.85145760487291033413e+00,0.0,148.0,4.92030451277969405055e-03,'');
INSERT INTO "regsweep_run" VALUES(18,12,0,0,0,0,1645606736464176184,1973667321579005858,'complete',4,1.55110175303286967896e+00,1.54249943412688317323e+00,3.97222220897674560546e-01,4.10018563270568847656e-01,1.5928364912655028629e+00,4.03899729251861572265e-01,2.30260896268242,1.00000001490116119384e-01,0.0,1.55110175303286967896e+00,4.0,3.85042569388606725766e+00,0.0,148.0,4.92030451277969405055e-03,'');
INSERT INTO "regsweep_run" VALUES(19,11,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63606327776279725227e+00,1.60216716831767724826e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62718658829963969125e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63606327776279725227e+00,4.0,3.7790460577254765262e+00,0.0,148.0,1.13044370009447447955e-02,'');
INSERT INTO "regsweep_run" VALUES(20,12,1,1,0,0,1061272796125154323,3298330544086678052,'complete',4,1.63613469791081223014e+00,1.60225211017538748947e+00,3.69444429874420166015e-01,3.710575103759765625e-01,1.62726135539477256841e+00,3.62116992473602294921e-01,2.30260896268241976869e+00,1.00000001490116119384e-01,0.0,1.63613469791081223014e+00,4.0,3.77785334388715154929e+00,0.0,148.0,1.42480399881605990231e-02,'');
CREATE TABLE regsweep_run_metric (
	run_id INTEGER NOT NULL, 
	metric VARCHAR(40) NOT NULL, 
	value FLOAT NOT NULL, 
	PRIMARY KEY (run_id, metric), 
	FOREIGN KEY(run_id) REFERENCES regsweep_run (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE regsweep_split_rows (
	study_id INTEGER NOT NULL, 
	split_seed BIGINT NOT NULL, 
	fold INTEGER NOT NULL, 
	validation_rows BLOB NOT NULL, 
	PRIMARY KEY (study_id, split_seed, fold), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
INSERT INTO "regsweep_split_rows" VALUES(1,3601563065129809405,0,X'00000000040000000C00000010000000130000001D0000002200000029000000320000003E0000004200000052000000550000005A0000005F0000006000000063000000650000006B0000007100000075000000770000007C0000007F0000008A0000008B000000980000009B0000009E000000A7000000AD000000B9000000BE000000C0000000C1000000C6000000C7000000CA000000CD000000CF000000D3000000DA000000E3000000E8000000EE000000F4000000090100000C01000015010000190100001B010000280100002F0100003C0100003F01000043010000470100004C0100005D0100005F010000630100006E0100007601000077010000790100007D01000080010000860100009E010000A8010000AB010000AD010000B3010000B6010000BB010000BC010000BE010000C0010000C3010000CB010000DF010000EA010000ED010000F4010000FC010000FF0100000402000007020000080200000902000010020000120200001E02000021020000220200002C02000031020000430200004C0200005502000056020000620200006C0200006D0200006F0200007002000072020000730200008202000085020000870200008B0200008C020000910200009202000098020000990200009E020000A1020000AA020000B2020000BA020000BE020000BF020000CE020000D4020000DB020000DD020000E0020000E3020000E6020000F2020000F3020000F4020000FA020000090300000D03000011030000120300001A0300001F030000240300002A0300002E0300003503000036030000390300003C0300003F030000420300004F03000051030000520300005503000057030000590300005C0300005E0300006003000062030000650300006C030000740300007A0300007E030000870300008A030000950300009603000097030000990300009A0300009C030000AC030000AF030000B7030000BD030000C0030000C2030000C5030000C7030000CC030000CF030000D0030000D7030000D8030000D9030000E0030000EE030000F1030000FA030000FB030000070400000B0400001B0400001C040000290400002A0400002D0400002E0400003F0400004504000046040000480400004E040000580400005A0400006004000061040000670400006804000077040000790400007B0400007E0400007F040000850400008604000096040000970400009B0400009E040000A2040000A4040000A6040000A8040000AA040000B1040000B3040000B5040000B6040000B8040000BB040000BC040000BF040000C6040000D0040000D3040000D5040000D9040000DA040000DC040000DE040000E0040000E5040000E8040000EC040000F3040000F5040000F6040000F8040000FA040000FD040000FE0400000D050000110500002005000026050000280500002C0500002F0500003205000033050000340500003B05000042050000480500004D0500004E050000500500005105000066050000680500006D0500006E05000073050000750500007A05000087050000890500008B0500008F0500009105000099050000A3050000A5050000A7050000B4050000B6050000B9050000C1050000C7050000CF050000D1050000D8050000DF050000E3050000E7050000EA050000EB050000FD050000040600000706000008060000090600000E0600001306000016060000170600002006000022060000230600002E0600002F060000340600003A0600004406000046060000480600004E0600005106000053060000580600005E060000660600006F060000760600007D0600007F060000800600008306000085060000880600008C06000090060000930600009706000099060000A0060000A1060000A7060000B1060000B2060000B6060000BB060000BE060000BF060000C1060000C9060000D4060000DA060000DD060000E3060000E7060000EB060000EC060000F1060000F6060000FB06000003070000');
INSERT INTO "regsweep_split_rows" VALUES(1,4298829809192954015,0,X'0400000005000000080000000A0000001000000011000000130000001400000015000000160000001C0000001D0000001E0000001F0000002900000032000000350000003C0000004A0000004C00000052000000650000006C000000740000007D00000082000000840000008D000000940000009B000000A0000000A1000000AA000000AD000000B7000000B9000000BC000000BD000000C1000000CC000000CD000000D5000000D7000000D8000000DB000000DD000000E2000000EE000000040100001401000017010000190100001B01000021010000220100002501000026010000270100002C01000032010000340100004C010000500100005601000058010000590100005F0100006301000064010000670100006C01000076010000780100007B0100007F010000850100008A0100008E010000920100009301000094010000980100009B0100009E0100009F010000AB010000B0010000B9010000BA010000BB010000C4010000CA010000D3010000DE010000E2010000E6010000E7010000E8010000EA010000EE010000F0010000F6010000F8010000060200000A0200000E02000010020000220200002B02000032020000380200003D0200003F0200004102000046020000470200004C020000540200005D0200005E0200005F020000650200006A02000072020000780200007D02000084020000870200008F020000A3020000A4020000A8020000AF020000B2020000B4020000C5020000C9020000E0020000E6020000E7020000F2020000F7020000FA020000FE020000060300000703000008030000170300001A0300001B0300001D030000200300002503000035030000380300003C0300004A0300004F030000510300005403000056030000680300007103000077030000790300007A0300007F030000800300008E030000910300009603000099030000A0030000A1030000A6030000AC030000B9030000BD030000BF030000C0030000C6030000C7030000CB030000D0030000D4030000D5030000D6030000DA030000DD030000E7030000EB030000EC030000F0030000F1030000F2030000F5030000F9030000FB030000FE03000001040000090400000B040000100400002B0400003F0400004004000047040000490400005B0400005D0400005E0400006504000066040000680400006B0400007504000078040000790400007A0400007D0400007E04000083040000850400009004000092040000940400009A0400009C0400009D0400009E040000A4040000AA040000B1040000B5040000B6040000BB040000C3040000C6040000CB040000D2040000D5040000D8040000D9040000DB040000DF040000E0040000E6040000E8040000E9040000EC040000ED040000F0040000F4040000F6040000F9040000FA0400000305000004050000080500000C0500000D05000010050000170500001E0500002C0500003205000044050000460500004A050000540500005C0500006205000066050000680500006A05000071050000760500007A05000080050000810500008205000085050000890500008A050000900500009105000096050000970500009C0500009D0500009F050000A7050000AB050000AC050000B0050000B2050000B4050000B5050000BB050000BE050000C1050000C6050000CC050000CD050000CE050000D1050000D4050000DB050000DE050000E1050000E3050000E6050000F90500000206000006060000090600000D060000120600001306000014060000160600002206000023060000290600002C060000310600003206000036060000480600005506000062060000630600006506000073060000750600007B060000830600008A0600008C0600008F060000990600009C060000A0060000A4060000AC060000AF060000B2060000BA060000C1060000C3060000C6060000CD060000D0060000DA060000DB060000F2060000F6060000000700000107000002070000');
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
question = "What did a database of schema version 8 hold?"
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
','{"question": "What did a database of schema version 8 hold?", "objective": "val_loss", "maximize": false, "seed": 0, "design": "resample", "folder": "/home/me/studies", "penalties": ["decay"], "cocktail": [], "layers_mode": "shared", "optimizer": "adamw", "pruner": "halving", "rungs": [2, 3], "versions": {"regsweep": "0.1.0", "torch": "2.13.0+cpu", "optuna": "5.0.0", "sqlalchemy": "2.1.9", "pandas": "3.1.1", "plotly": "7.1.0", "numpy": "2.4.6", "scipy": "1.17.1"}, "git_commit": "", "task": "classification", "data_fingerprint": "497440707594d8dc8be14d8bd9af11cab673932f40aef30d47f7e40b25d0a68a", "n_train": 1078, "n_validation": 360, "n_test": 359, "n_folds": null, "n_outputs": 10, "n_parameters": 160, "layers": ["hidden1", "output"], "layer_groups": {}, "profile": "even", "profile_factors": {}, "same_weights": false, "scale_invariant": {}, "zeroing_strengths": {}, "timescale": null, "copied_rows": 0, "missing_classes": [], "epochs": 4, "batch_size": 64, "steps_per_epoch": 16, "precision": "float32", "stacked": true, "why_alone": "", "hardware": {"device": "cpu", "processor": "AMD EPYC", "threads": "1", "cores": "2", "system": "Linux x86_64", "update": "compiled"}, "idle_parameters": [], "parity": {"stacked": 5.67915254913434e-16}, "unpruned_fingerprint": "1d65afdc260c76b699acee20aa8aa2b6b8ae81441e7108ecb2c2d9da88b0e013", "timescale_unit": "run", "accumulate": 1, "schedule": "constant", "schedule_numbers": {"warmup": 0.0, "final_lr": 0.0, "gamma": 0.1, "cooldown": 0.2, "penalty_from": 0.0, "penalty_until": 1.0}, "milestones": [], "factors": 64.0, "metrics": {}, "divided_by": "rows", "n_groups": null, "overlap": null, "weighted": false, "loss": "cross_entropy", "loss_weighted": false, "target_scaled": false, "loop": "", "source": "", "no_path": {}, "null_from_strongest": false, "ignored_checks": []}',11,'2026-11-29 22:33:10.312559','2026-11-29 22:33:13.067681');
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
	CONSTRAINT regsweep_trial_phase_check CHECK (phase IN ('explore', 'select', 'path', 'confirm', 'control', 'ablation', 'baseline')), 
	CONSTRAINT regsweep_trial_strength_check CHECK (strength >= 0), 
	CONSTRAINT regsweep_trial_state_check CHECK (state IN ('waiting', 'running', 'complete', 'pruned', 'diverged', 'failed')), 
	CONSTRAINT regsweep_trial_n_runs_check CHECK (n_runs >= 0), 
	FOREIGN KEY(study_id) REFERENCES regsweep_study (id) ON DELETE CASCADE
);
INSERT INTO "regsweep_trial" VALUES(1,1,0,'explore',0,'decay',4.36313202255625559589e-02,'{"hidden1": 0.043631320225562556, "output": 0.043631320225562556}','{}',0.01,'adamw','complete',1,1.6692318845954206008e+00,NULL,0.375,1.62849144153089597786e+00,3.77551019191741943359e-01,NULL,NULL,4.07404430645246229403e-02,4.0,6.58564299374120309948e-03,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(2,1,1,'explore',0,'decay',1.03384544870930161764e+00,'{"hidden1": 1.0338454487093016, "output": 1.0338454487093016}','{}',0.01,'adamw','pruned',1,1.92542369721664319293e+00,NULL,3.22222232818603515625e-01,1.90187478105577323361e+00,3.18181812763214111328e-01,NULL,NULL,2.35489161608699593131e-02,2.0,0.00488718999986304,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(3,1,2,'explore',1,'decay',0.173724975649347,'{"hidden1": 0.173724975649347, "output": 0.173724975649347}','{}',0.01,'adamw','pruned',1,1.88481358022739486912e+00,NULL,3.08333337306976318359e-01,1.85549648764071517526e+00,3.13543587923049926757e-01,NULL,NULL,2.93170925866796938663e-02,2.0,2.53986499592429026961e-03,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(4,1,3,'explore',1,'decay',4.10889341895743880062e-03,'{"hidden1": 0.004108893418957439, "output": 0.004108893418957439}','{}',0.01,'adamw','complete',1,1.66832369909518285489e+00,NULL,3.69444429874420166015e-01,1.62587928429854167156e+00,3.78478676080703735351e-01,NULL,NULL,4.24444147966411833294e-02,4.0,4.55850189828197471797e-02,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(5,1,4,'path',0,'decay',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.57518610282956306178e+00,7.05344367901691166045e-02,4.18055564165115356445e-01,1.56056511353836135924e+00,4.030612260103225708e-01,NULL,NULL,1.46209892912017025423e-02,4.0,1.61995882457025182354e-02,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(6,1,5,'path',0,'decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.57519017274025818764e+00,7.04847570741549134254e-02,4.18055564165115356445e-01,1.56064221836498662199e+00,4.030612260103225708e-01,NULL,NULL,1.45479543752715656523e-02,4.0,7.08853724669703845473e-03,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(7,1,6,'path',0,'decay',0.01,'{"hidden1": 0.01, "output": 0.01}','{}',0.01,'adamw','complete',2,1.57571443095544561074e+00,0.0703798530804407,4.18055564165115356445e-01,1.56118356037525551904e+00,4.03525039553642272949e-01,NULL,NULL,1.45308705801900917009e-02,4.0,1.85030782486137468367e-02,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(8,1,7,'path',0,'decay',0.1,'{"hidden1": 0.1, "output": 0.1}','{}',0.01,'adamw','complete',2,1.57978378459811219514e+00,6.89801287112964262027e-02,4.19444456696510314941e-01,1.56703396756996804484e+00,4.030612260103225708e-01,NULL,NULL,1.27498170281441502993e-02,4.0,9.3920272496082653213e-03,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(9,1,8,'path',0,'decay',1.0,'{"hidden1": 1.0, "output": 1.0}','{}',0.01,'adamw','complete',2,1.64059239304107107315e+00,6.23884773192305772115e-02,4.13888886570930480957e-01,1.63583612168321801405e+00,4.01205942034721374511e-01,NULL,NULL,4.75627135785305910076e-03,4.0,1.3913685506850015372e-02,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(10,1,9,'path',0,'decay',10.0,'{"hidden1": 10.0, "output": 10.0}','{}',0.01,'adamw','complete',2,2.1725944838590089958e+00,1.09631122814286552369e-02,2.6666666567325592041e-01,2.17218809479463947909e+00,2.66233772039413452148e-01,NULL,NULL,4.06389064369516717079e-04,4.0,6.98731749677487280758e-03,'point','all',NULL);
INSERT INTO "regsweep_trial" VALUES(11,1,10,'confirm',0,'none',0.0,'{"hidden1": 0.0, "output": 0.0}','{}',0.01,'adamw','complete',2,1.59354664082121511015e+00,4.25166369415820311061e-02,3.83333325386047363281e-01,1.57229719108751586631e+00,3.90538036823272705078e-01,1.60998374248613540515e+00,3.83008360862731933593e-01,2.12494497336992438363e-02,4.0,1.62247415137244388461e-02,'setting','',NULL);
INSERT INTO "regsweep_trial" VALUES(12,1,11,'confirm',0,'decay',0.001,'{"hidden1": 0.001, "output": 0.001}','{}',0.01,'adamw','complete',2,1.59361822547184095455e+00,4.25164724389712686547e-02,3.83333325386047363281e-01,1.57237577215113533135e+00,3.90538036823272705078e-01,1.61004892333013760463e+00,3.83008360862731933593e-01,2.12424533207056231987e-02,4.0,1.91683445009402930736e-02,'setting','',NULL);
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
INSERT INTO "study_system_attributes" VALUES(2,1,'dashboard:note_str:0','"**What did a database of schema version 8 hold?**\n\n- decay: no harmful overfitting found in the searched range; underfitting starts at 0.66 [0.22, 2.0] (val_loss, 95 %, from 623 rows)\n\nAll of it: `python -m dashboards kept`"');
INSERT INTO "study_system_attributes" VALUES(3,1,'regsweep:note_ver','2');
INSERT INTO "study_system_attributes" VALUES(4,1,'dashboard:note_ver','2');
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
INSERT INTO "trial_intermediate_values" VALUES(1,1,2,1.92542369721664319293e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(2,2,2,1.88481358022739486912e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(3,3,4,1.6692318845954206008e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(4,4,4,1.66832369909518285489e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(5,5,4,1.57519017274025818764e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(6,6,4,1.57978378459811219514e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(7,7,4,2.1725944838590089958e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(8,8,4,1.57518610282956306178e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(9,9,4,1.57571443095544561074e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(10,10,4,1.64059239304107107315e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(11,11,4,1.59354664082121511015e+00,'FINITE');
INSERT INTO "trial_intermediate_values" VALUES(12,12,4,1.59361822547184095455e+00,'FINITE');
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
INSERT INTO "trial_params" VALUES(10,5,'strength',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(11,6,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(12,6,'strength',0.1,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(13,7,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(14,7,'strength',10.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(15,8,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(16,9,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(17,9,'strength',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(18,10,'penalty',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decay", "none"]}}');
INSERT INTO "trial_params" VALUES(19,10,'strength',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 10.0, "log": true}}');
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
INSERT INTO "trial_user_attributes" VALUES(15,3,'regsweep_trial','0');
INSERT INTO "trial_user_attributes" VALUES(16,3,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(17,3,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(18,3,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(19,3,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(20,3,'strength.hidden1','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(21,3,'strength.output','0.043631320225562556');
INSERT INTO "trial_user_attributes" VALUES(22,4,'regsweep_trial','3');
INSERT INTO "trial_user_attributes" VALUES(23,4,'phase','"explore"');
INSERT INTO "trial_user_attributes" VALUES(24,4,'role','"setting"');
INSERT INTO "trial_user_attributes" VALUES(25,4,'layer','""');
INSERT INTO "trial_user_attributes" VALUES(26,4,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(27,4,'strength.hidden1','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(28,4,'strength.output','0.004108893418957439');
INSERT INTO "trial_user_attributes" VALUES(29,5,'regsweep_trial','5');
INSERT INTO "trial_user_attributes" VALUES(30,5,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(31,5,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(32,5,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(33,5,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(34,5,'strength.hidden1','0.001');
INSERT INTO "trial_user_attributes" VALUES(35,5,'strength.output','0.001');
INSERT INTO "trial_user_attributes" VALUES(36,6,'regsweep_trial','7');
INSERT INTO "trial_user_attributes" VALUES(37,6,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(38,6,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(39,6,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(40,6,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(41,6,'strength.hidden1','0.1');
INSERT INTO "trial_user_attributes" VALUES(42,6,'strength.output','0.1');
INSERT INTO "trial_user_attributes" VALUES(43,7,'regsweep_trial','9');
INSERT INTO "trial_user_attributes" VALUES(44,7,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(45,7,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(46,7,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(47,7,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(48,7,'strength.hidden1','10.0');
INSERT INTO "trial_user_attributes" VALUES(49,7,'strength.output','10.0');
INSERT INTO "trial_user_attributes" VALUES(50,8,'regsweep_trial','4');
INSERT INTO "trial_user_attributes" VALUES(51,8,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(52,8,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(53,8,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(54,8,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(55,8,'strength.hidden1','0.0');
INSERT INTO "trial_user_attributes" VALUES(56,8,'strength.output','0.0');
INSERT INTO "trial_user_attributes" VALUES(57,9,'regsweep_trial','6');
INSERT INTO "trial_user_attributes" VALUES(58,9,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(59,9,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(60,9,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(61,9,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(62,9,'strength.hidden1','0.01');
INSERT INTO "trial_user_attributes" VALUES(63,9,'strength.output','0.01');
INSERT INTO "trial_user_attributes" VALUES(64,10,'regsweep_trial','8');
INSERT INTO "trial_user_attributes" VALUES(65,10,'phase','"path"');
INSERT INTO "trial_user_attributes" VALUES(66,10,'role','"point"');
INSERT INTO "trial_user_attributes" VALUES(67,10,'layer','"all"');
INSERT INTO "trial_user_attributes" VALUES(68,10,'state','"complete"');
INSERT INTO "trial_user_attributes" VALUES(69,10,'strength.hidden1','1.0');
INSERT INTO "trial_user_attributes" VALUES(70,10,'strength.output','1.0');
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
INSERT INTO "trial_values" VALUES(1,3,0,1.6692318845954206008e+00,'FINITE');
INSERT INTO "trial_values" VALUES(2,4,0,1.66832369909518285489e+00,'FINITE');
INSERT INTO "trial_values" VALUES(3,5,0,1.57519017274025818764e+00,'FINITE');
INSERT INTO "trial_values" VALUES(4,6,0,1.57978378459811219514e+00,'FINITE');
INSERT INTO "trial_values" VALUES(5,7,0,2.1725944838590089958e+00,'FINITE');
INSERT INTO "trial_values" VALUES(6,8,0,1.57518610282956306178e+00,'FINITE');
INSERT INTO "trial_values" VALUES(7,9,0,1.57571443095544561074e+00,'FINITE');
INSERT INTO "trial_values" VALUES(8,10,0,1.64059239304107107315e+00,'FINITE');
INSERT INTO "trial_values" VALUES(9,11,0,1.59354664082121511015e+00,'FINITE');
INSERT INTO "trial_values" VALUES(10,12,0,1.59361822547184095455e+00,'FINITE');
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
INSERT INTO "trials" VALUES(1,0,1,'PRUNED','2026-11-29 22:33:11.068400','2026-11-29 22:33:11.427007');
INSERT INTO "trials" VALUES(2,1,1,'PRUNED','2026-11-29 22:33:11.068400','2026-11-29 22:33:11.427117');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-29 22:33:11.068400','2026-11-29 22:33:11.491672');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-29 22:33:11.068400','2026-11-29 22:33:11.506578');
INSERT INTO "trials" VALUES(5,4,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.730004');
INSERT INTO "trials" VALUES(6,5,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.730073');
INSERT INTO "trials" VALUES(7,6,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.730107');
INSERT INTO "trials" VALUES(8,7,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.750646');
INSERT INTO "trials" VALUES(9,8,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.754556');
INSERT INTO "trials" VALUES(10,9,1,'COMPLETE','2026-11-29 22:33:11.532229','2026-11-29 22:33:11.754661');
INSERT INTO "trials" VALUES(11,10,1,'COMPLETE','2026-11-29 22:33:13.006015','2026-11-29 22:33:13.048417');
INSERT INTO "trials" VALUES(12,11,1,'COMPLETE','2026-11-29 22:33:13.007078','2026-11-29 22:33:13.060277');
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
CREATE VIEW row_losses_frame AS SELECT s.name AS study, t.number AS trial, r.number AS run, l.metric, l.losses, v.validation_rows FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_row_losses l ON l.run_id = r.id JOIN regsweep_split_rows v ON v.study_id = s.id AND v.split_seed = r.split_seed AND v.fold = r.fold;
CREATE VIEW boundaries_frame AS SELECT s.name AS study, b.penalty, b.layer, b.metric, b.best, b.best_low, b.best_high, b.overfitting_ends, b.overfitting_ends_low, b.overfitting_ends_high, b.underfitting_starts, b.underfitting_starts_low, b.underfitting_starts_high, b.width_decades, b.rho, b.best_loss, b.threshold_loss, b.null_loss, b.strength_min, b.strength_1se, b.verdict, b.overfitting_verdict, b.overfitting_cause, b.underfitting_verdict, b.underfitting_cause, b.design, b.sentence, b.advice, b.n_strengths, b.n_resamples, b.n_rows FROM regsweep_boundary b JOIN regsweep_study s ON s.id = b.study_id;
CREATE VIEW runs AS SELECT s.name AS study, t.number AS trial, r.number AS run, r.resample, r.fold, r.replicate, r.seed, r.state, r.epochs, r.val_loss, r.train_loss, r.val_accuracy, r.train_accuracy, r.test_loss, r.test_accuracy, r.null_loss, r.null_accuracy, r.penalty_loss, r.best_val_loss, r.best_epoch, r.weight_norm, r.zeros, r.n_weights, r.seconds, r.note FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id;
CREATE VIEW curves AS SELECT s.name AS study, t.number AS trial, r.number AS run, c.epoch, c.metric, c.value FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_curve c ON c.run_id = r.id;
CREATE VIEW layers AS SELECT s.name AS study, t.number AS trial, r.number AS run, l.layer, l.strength, l.norm, l.zeros, l.weights, l.place FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_layer l ON l.run_id = r.id;
CREATE VIEW boundaries AS SELECT s.name AS study, b.penalty, b.layer, b.metric, b.best, b.best_low, b.best_high, b.overfitting_ends, b.overfitting_ends_low, b.overfitting_ends_high, b.underfitting_starts, b.underfitting_starts_low, b.underfitting_starts_high, b.width_decades, b.rho, b.best_loss, b.threshold_loss, b.null_loss, b.strength_min, b.strength_1se, b.verdict, b.overfitting_verdict, b.overfitting_cause, b.underfitting_verdict, b.underfitting_cause, b.design, b.sentence, b.advice, b.n_strengths, b.n_resamples, b.n_rows FROM regsweep_boundary b JOIN regsweep_study s ON s.id = b.study_id;
CREATE VIEW occupancy AS SELECT s.name AS study, o.launch, o.place, o.phase, o.start_seconds, o.seconds, o.occupied, o.slots, o.waiting FROM regsweep_occupancy o JOIN regsweep_study s ON s.id = o.study_id;
CREATE VIEW row_losses AS SELECT s.name AS study, t.number AS trial, r.number AS run, l.metric, l.losses, v.validation_rows FROM regsweep_run r JOIN regsweep_trial t ON t.id = r.trial_id JOIN regsweep_study s ON s.id = t.study_id JOIN regsweep_row_losses l ON l.run_id = r.id JOIN regsweep_split_rows v ON v.study_id = s.id AND v.split_seed = r.split_seed AND v.fold = r.fold;
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;
