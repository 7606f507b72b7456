BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0002');
CREATE TABLE attempt (
	project TEXT NOT NULL, 
	number INTEGER NOT NULL, 
	request_key TEXT NOT NULL, 
	job TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_attempt PRIMARY KEY (project, number), 
	CONSTRAINT uq_attempt_project_request_key UNIQUE (project, request_key), 
	CONSTRAINT uq_attempt_job UNIQUE (job)
);
INSERT INTO "attempt" VALUES('rain',1,'126b7ddcca37f486','rain-0001-126b7ddc',0,'{"number":1,"request":{"key":"126b7ddcca37f486","trigger":"bootstrap","why":"there is no champion yet","asked":"1975-01-06T00:00:00+00:00","first":"1975-01-06T00:00:00+00:00"},"generation":1,"author":"author","started":"1975-01-06T00:00:00+00:00","entered":"1975-01-06T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-06-10T00:00:00+00:00","end":"1974-03-06T00:00:00+00:00"},"holdout":{"start":"1974-03-06T00:00:00+00:00","end":"1974-12-31T00:00:00+00:00"},"without":[],"job":"rain-0001-126b7ddc","dataset":{"name":"rain-training","version":"1","digest":"2836a57b3d5aace52d0e543e74a855ad5b59534e20c0abd8bd30452b7aeeb3eb","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"1","digest":"bcf07e9e9cd85ff50dff7458485be11b925ee6d677062a7fbc917f1f06e90747"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.7,"why":"accuracy 0.7 within its absolute limit"}],"why":"accuracy 0.7 within its absolute limit"}],"outcome":"promoted","ended":"1975-01-06T00:00:00+00:00","why":"azureml:rain:1 is the champion, the first"}');
INSERT INTO "attempt" VALUES('rain',2,'fc1b963c371d8d61','rain-0002-fc1b963c',1,'{"number":2,"request":{"key":"fc1b963c371d8d61","trigger":"drift","why":"drift 0.5, until < 0.15 (2 of 2 in 3 windows)","asked":"1975-02-18T00:00:00+00:00","first":"1975-02-18T00:00:00+00:00","held":"cool-down"},"generation":1,"author":"author","started":"1975-03-07T00:00:00+00:00","entered":"1975-03-07T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-08-09T00:00:00+00:00","end":"1974-05-05T00:00:00+00:00"},"holdout":{"start":"1974-05-05T00:00:00+00:00","end":"1975-03-01T00:00:00+00:00"},"without":[],"job":"rain-0002-fc1b963c","dataset":{"name":"rain-training","version":"2","digest":"68367e230b2fdd7c3324a467bda2247f7ee39814f5f06f3542e3d3f638bef274","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"2","digest":"a30e37440f237f4d4b78707727f64e04fe38b3912b897b3e248ed3ae5d27cbd9"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.85,"champion":0.7,"delta":0.15000000000000002,"low":0.11,"high":0.19008333333333288,"min_delta":0.0,"why":"accuracy 0.85 against 0.7: better by 0.15, 95% interval 0.11 to 0.1901, 0 needed"}],"why":"accuracy 0.85 against 0.7: better by 0.15, 95% interval 0.11 to 0.1901, 0 needed"}]}');
CREATE TABLE decision (
	project TEXT NOT NULL, 
	sequence INTEGER NOT NULL, 
	at TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	what TEXT NOT NULL, 
	why TEXT NOT NULL, 
	numbers TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	attempt INTEGER, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	CONSTRAINT pk_decision PRIMARY KEY (project, sequence), 
	CONSTRAINT ck_decision_from_one CHECK (sequence > 0), 
	CONSTRAINT uq_decision_hash UNIQUE (hash)
);
INSERT INTO "decision" VALUES('rain',1,'1975-01-06T00:00:00+00:00','project','applied','generation 1 of /projects/rain/project.yaml','{"endpoint": "rain-local", "generation": 1}','author',NULL,'','1dbcb1821a1217b837119a5448c61192ac3b7611ae385c679c7ab82cbcb1998b');
INSERT INTO "decision" VALUES('rain',2,'1975-01-06T00:00:00+00:00','trigger','fired','bootstrap: there is no champion yet','{"key": "126b7ddcca37f486", "trigger": "bootstrap"}','controller',NULL,'1dbcb1821a1217b837119a5448c61192ac3b7611ae385c679c7ab82cbcb1998b','2c7e496f5f247f8e2a9f6eb36efdda258bc4911ab081c98027fc156e2e890fff');
INSERT INTO "decision" VALUES('rain',3,'1975-01-06T00:00:00+00:00','attempt','started','attempt 1 for bootstrap: there is no champion yet','{"generation": 1, "holdout": "1974-03-06 to 1974-12-31", "train": "1971-06-10 to 1974-03-06", "trigger": "bootstrap", "without": ""}','controller',1,'2c7e496f5f247f8e2a9f6eb36efdda258bc4911ab081c98027fc156e2e890fff','c31b3e6442ee19a0a8c99be8630019cc885fee937a851d0ee9249a25bf6d29ec');
INSERT INTO "decision" VALUES('rain',4,'1975-01-06T00:00:00+00:00','attempt','training set built','azureml:rain-training:1: 1000 rows to train on, 300 held out','{"dataset": "azureml:rain-training:1", "digest": "2836a57b3d5aace52d0e543e74a855ad5b59534e20c0abd8bd30452b7aeeb3eb", "holdoutRows": 300, "trainRows": 1000}','controller',1,'c31b3e6442ee19a0a8c99be8630019cc885fee937a851d0ee9249a25bf6d29ec','b301724f530534285f411a1a5f92d1388160204112bce9eae9b831e77196b3d2');
INSERT INTO "decision" VALUES('rain',5,'1975-01-06T00:00:00+00:00','attempt','trained','job rain-0001-126b7ddc','{"code": "c0de", "job": "rain-0001-126b7ddc", "runtime": "runtime:1"}','controller',1,'b301724f530534285f411a1a5f92d1388160204112bce9eae9b831e77196b3d2','82569190d7d173d1b50a94152dc4648a09e40117727bedbd49c6500deba9bdd6');
INSERT INTO "decision" VALUES('rain',6,'1975-01-06T00:00:00+00:00','attempt','candidate','candidate azureml:rain:1','{"code": "c0de", "dataset": "azureml:rain-training:1", "digest": "bcf07e9e9cd85ff50dff7458485be11b925ee6d677062a7fbc917f1f06e90747", "job": "rain-0001-126b7ddc", "model": "azureml:rain:1", "runtime": "runtime:1"}','controller',1,'82569190d7d173d1b50a94152dc4648a09e40117727bedbd49c6500deba9bdd6','09012edcd30e182d0a9ff5313c923f0c37850f378d40faf4612b17bd5c3ead71');
INSERT INTO "decision" VALUES('rain',7,'1975-01-06T00:00:00+00:00','gate','passed','evaluation: accuracy 0.7 within its absolute limit','{"accuracy.candidate": 0.7, "accuracy.samples": 300, "gate": "evaluation", "verdict": "pass"}','controller',1,'09012edcd30e182d0a9ff5313c923f0c37850f378d40faf4612b17bd5c3ead71','b46575da835c269d4391cc85ecae80461494bff10f4f23753d0e97919509fd16');
INSERT INTO "decision" VALUES('rain',8,'1975-01-06T00:00:00+00:00','rollout','started','azureml:rain:1 as m-1-7b41190a, the first','{"champion": null, "deployment": "m-1-7b41190a", "model": "azureml:rain:1"}','controller',1,'b46575da835c269d4391cc85ecae80461494bff10f4f23753d0e97919509fd16','13418727d7c8f7f0b334ba03d265a1fcf6e0cd37a33d98b8920aff3f925117b3');
INSERT INTO "decision" VALUES('rain',9,'1975-01-06T00:00:00+00:00','rollout','advanced','deploying done (0 requests, 0 passes in a row): smoke requests to m-1-7b41190a','{"elapsedSeconds": 0.0, "samples": 0, "successes": 0}','controller',1,'13418727d7c8f7f0b334ba03d265a1fcf6e0cd37a33d98b8920aff3f925117b3','1c0b08da4a98d642832d2093b3f5404b55c892c6fa10aa1b02e4ff167cdf4db4');
INSERT INTO "decision" VALUES('rain',10,'1975-01-06T00:00:00+00:00','rollout','advanced','verifying done (0 requests, 0 passes in a row): m-1-7b41190a to 100 %','{"elapsedSeconds": 0.0, "samples": 0, "smokeErrors": 0.0, "smokeRequests": 1, "successes": 0}','controller',1,'1c0b08da4a98d642832d2093b3f5404b55c892c6fa10aa1b02e4ff167cdf4db4','8fb91816fa4944ee519a480bab124228df405cb8613513d3f1638f8a7662b128');
INSERT INTO "decision" VALUES('rain',11,'1975-01-06T00:00:00+00:00','rollout','serving','canary: traffic is m-1-7b41190a 100','{"m-1-7b41190a": 100}','controller',1,'8fb91816fa4944ee519a480bab124228df405cb8613513d3f1638f8a7662b128','d5711e41f0bd8f8ee0d12b5df5cf6bd00982f3bf33cb8c898597996faa0d6cfc');
INSERT INTO "decision" VALUES('rain',12,'1975-01-06T00:00:00+00:00','champion','promoted','azureml:rain:1 is the champion, the first','{"accuracy": 0.7, "deployment": "m-1-7b41190a", "model": "azureml:rain:1"}','controller',1,'d5711e41f0bd8f8ee0d12b5df5cf6bd00982f3bf33cb8c898597996faa0d6cfc','aa732fd0ee120046b9d2fbaccb1594d5fe0910de7faca2f94efafd2185bc7d13');
INSERT INTO "decision" VALUES('rain',13,'1975-01-06T00:00:00+00:00','attempt','promoted','azureml:rain:1 is the champion, the first','{"failuresInARow": 0}','controller',1,'aa732fd0ee120046b9d2fbaccb1594d5fe0910de7faca2f94efafd2185bc7d13','bf783536fd08287e2fe0d8aef223b442374e8d790509e8e1b260209cd8f7a3bc');
INSERT INTO "decision" VALUES('rain',14,'1975-01-06T00:00:00+00:00','trigger','not yet','drift: drift not measured, > 0.25 (0 of 2 in 3 windows)','{"trigger": "drift"}','controller',NULL,'bf783536fd08287e2fe0d8aef223b442374e8d790509e8e1b260209cd8f7a3bc','968839d52ef1546e43c8c11c0b4570a8b11601211585d8f4185d6472cbbf5117');
INSERT INTO "decision" VALUES('rain',15,'1975-01-06T00:00:00+00:00','trigger','not yet','decay: accuracy not measured, < champion - 0.1','{"trigger": "decay"}','controller',NULL,'968839d52ef1546e43c8c11c0b4570a8b11601211585d8f4185d6472cbbf5117','b9c9fa4b5414c0c0350a51ba9decf53234209c1efa67d77f02704b96ddc15ac6');
INSERT INTO "decision" VALUES('rain',16,'1975-02-05T00:00:00+00:00','monitor','pass','sensor: out_of_bounds_rate 0 over 1975-01-06 to 1975-01-13','{"limit": "<= 0.1", "monitor": "sensor", "samples": 1000, "value": 0.0}','controller',NULL,'b9c9fa4b5414c0c0350a51ba9decf53234209c1efa67d77f02704b96ddc15ac6','5f44ad779a18c9a7009aa2ad4d5b9ded082b52f0581f9ce5a3ba61ebe46bdcbe');
INSERT INTO "decision" VALUES('rain',17,'1975-02-18T00:00:00+00:00','trigger','fired','drift: drift 0.5, until < 0.15 (2 of 2 in 3 windows)','{"key": "fc1b963c371d8d61", "trigger": "drift"}','controller',NULL,'5f44ad779a18c9a7009aa2ad4d5b9ded082b52f0581f9ce5a3ba61ebe46bdcbe','78a029cb1208b3df053aa60c467cda300f71eb432d57ac01169ea3be77a1ec63');
INSERT INTO "decision" VALUES('rain',18,'1975-02-18T00:00:00+00:00','trigger','held','drift waits: cool-down until 1975-03-07 00:00','{"key": "fc1b963c371d8d61", "trigger": "drift"}','controller',NULL,'78a029cb1208b3df053aa60c467cda300f71eb432d57ac01169ea3be77a1ec63','c792ab48f847e86ff9468ca44718a36b39813f860464524c9af70b75ad663eb8');
INSERT INTO "decision" VALUES('rain',19,'1975-03-07T00:00:00+00:00','attempt','started','attempt 2 for drift: drift 0.5, until < 0.15 (2 of 2 in 3 windows)','{"generation": 1, "holdout": "1974-05-05 to 1975-03-01", "train": "1971-08-09 to 1974-05-05", "trigger": "drift", "without": ""}','controller',2,'c792ab48f847e86ff9468ca44718a36b39813f860464524c9af70b75ad663eb8','5a26e3983a7840107f53128b0e98f21d415b121efd9e2c5877d973b51ec15737');
INSERT INTO "decision" VALUES('rain',20,'1975-03-07T00:00:00+00:00','attempt','training set built','azureml:rain-training:2: 1000 rows to train on, 300 held out','{"dataset": "azureml:rain-training:2", "digest": "68367e230b2fdd7c3324a467bda2247f7ee39814f5f06f3542e3d3f638bef274", "holdoutRows": 300, "trainRows": 1000}','controller',2,'5a26e3983a7840107f53128b0e98f21d415b121efd9e2c5877d973b51ec15737','7148974a6ae42ef4e029c396cfdb858c989c8b3ac1370df396f2f463dfeb5679');
INSERT INTO "decision" VALUES('rain',21,'1975-03-07T00:00:00+00:00','attempt','trained','job rain-0002-fc1b963c','{"code": "c0de", "job": "rain-0002-fc1b963c", "runtime": "runtime:1"}','controller',2,'7148974a6ae42ef4e029c396cfdb858c989c8b3ac1370df396f2f463dfeb5679','d35e14083a9cd73c74385c2b330421480fc4af9b6718a165677f87e1fbb0718c');
INSERT INTO "decision" VALUES('rain',22,'1975-03-07T00:00:00+00:00','attempt','candidate','candidate azureml:rain:2','{"code": "c0de", "dataset": "azureml:rain-training:2", "digest": "a30e37440f237f4d4b78707727f64e04fe38b3912b897b3e248ed3ae5d27cbd9", "job": "rain-0002-fc1b963c", "model": "azureml:rain:2", "runtime": "runtime:1"}','controller',2,'d35e14083a9cd73c74385c2b330421480fc4af9b6718a165677f87e1fbb0718c','8649d21b00fe62f24868992e683e5c2a1d05cd80dfa4f726dcd0e339ec819061');
INSERT INTO "decision" VALUES('rain',23,'1975-03-07T00:00:00+00:00','gate','passed','evaluation: accuracy 0.85 against 0.7: better by 0.15, 95% interval 0.11 to 0.1901, 0 needed','{"accuracy.candidate": 0.85, "accuracy.champion": 0.7, "accuracy.delta": 0.15000000000000002, "accuracy.high": 0.19008333333333288, "accuracy.low": 0.11, "accuracy.minDelta": 0.0, "accuracy.samples": 300, "gate": "evaluation", "verdict": "pass"}','controller',2,'8649d21b00fe62f24868992e683e5c2a1d05cd80dfa4f726dcd0e339ec819061','0ba388c541571a665d5be476c160f4d05c6245cc4fa90cc8c04435ac9ca8f104');
INSERT INTO "decision" VALUES('rain',24,'1975-03-07T00:00:00+00:00','rollout','started','azureml:rain:2 as m-2-b11ae152 against m-1-7b41190a','{"champion": "m-1-7b41190a", "deployment": "m-2-b11ae152", "model": "azureml:rain:2"}','controller',2,'0ba388c541571a665d5be476c160f4d05c6245cc4fa90cc8c04435ac9ca8f104','4f60f27fd43dea4397447b91077deca272da23d39582c59e24219bb2ba3fc6c8');
INSERT INTO "decision" VALUES('rain',25,'1975-03-07T00:00:00+00:00','rollout','advanced','deploying done (0 requests, 0 passes in a row): smoke requests to m-2-b11ae152','{"elapsedSeconds": 0.0, "samples": 0, "successes": 0}','controller',2,'4f60f27fd43dea4397447b91077deca272da23d39582c59e24219bb2ba3fc6c8','383d60b3fd1d61d41ac4a2de05e5125c4e9e293ba57055672bafa4d834fd7117');
INSERT INTO "decision" VALUES('rain',26,'1975-03-07T00:00:00+00:00','rollout','advanced','verifying done (0 requests, 0 passes in a row): 50 % of the traffic is mirrored to m-2-b11ae152','{"elapsedSeconds": 0.0, "samples": 0, "smokeErrors": 0.0, "smokeRequests": 1, "successes": 0}','controller',2,'383d60b3fd1d61d41ac4a2de05e5125c4e9e293ba57055672bafa4d834fd7117','384fb807e050eaae4964a5191a569bb1baea04867635ba968710e055b0ded092');
INSERT INTO "decision" VALUES('rain',27,'1975-03-07T00:00:00+00:00','rollout','serving','shadowing: traffic is m-1-7b41190a 100; mirrored: m-2-b11ae152 50','{"m-1-7b41190a": 100}','controller',2,'384fb807e050eaae4964a5191a569bb1baea04867635ba968710e055b0ded092','77747ae7601a36cf78dca0f71ff7a67c3085738f0f72f55b43807d96be9f2d93');
CREATE TABLE loop (
	project TEXT NOT NULL, 
	endpoint TEXT NOT NULL, 
	version INTEGER NOT NULL, 
	champion_model TEXT, 
	champion_deployment TEXT, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_loop PRIMARY KEY (project), 
	CONSTRAINT ck_loop_champion_whole CHECK ((champion_model is null) = (champion_deployment is null)), 
	CONSTRAINT uq_loop_endpoint UNIQUE (endpoint)
);
INSERT INTO "loop" VALUES('rain','rain-local',53,'azureml:rain:1','m-1-7b41190a','{"project":"rain","endpoint":"rain-local","started":"1975-01-06T00:00:00+00:00","generation":1,"applied":"1975-01-06T00:00:00+00:00","author":"author","version":53,"attempts":2,"champion":{"model":{"name":"rain","version":"1","digest":"bcf07e9e9cd85ff50dff7458485be11b925ee6d677062a7fbc917f1f06e90747"},"deployment":"m-1-7b41190a","dataset":{"name":"rain-training","version":"1","digest":"2836a57b3d5aace52d0e543e74a855ad5b59534e20c0abd8bd30452b7aeeb3eb","train_rows":1000,"holdout_rows":300},"attempt":1,"since":"1975-01-06T00:00:00+00:00","metrics":{"accuracy":0.7}},"attempt":{"number":2,"request":{"key":"fc1b963c371d8d61","trigger":"drift","why":"drift 0.5, until < 0.15 (2 of 2 in 3 windows)","asked":"1975-02-18T00:00:00+00:00","first":"1975-02-18T00:00:00+00:00","held":"cool-down"},"generation":1,"author":"author","started":"1975-03-07T00:00:00+00:00","entered":"1975-03-07T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-08-09T00:00:00+00:00","end":"1974-05-05T00:00:00+00:00"},"holdout":{"start":"1974-05-05T00:00:00+00:00","end":"1975-03-01T00:00:00+00:00"},"without":[],"job":"rain-0002-fc1b963c","dataset":{"name":"rain-training","version":"2","digest":"68367e230b2fdd7c3324a467bda2247f7ee39814f5f06f3542e3d3f638bef274","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"2","digest":"a30e37440f237f4d4b78707727f64e04fe38b3912b897b3e248ed3ae5d27cbd9"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.85,"champion":0.7,"delta":0.15000000000000002,"low":0.11,"high":0.19008333333333288,"min_delta":0.0,"why":"accuracy 0.85 against 0.7: better by 0.15, 95% interval 0.11 to 0.1901, 0 needed"}],"why":"accuracy 0.85 against 0.7: better by 0.15, 95% interval 0.11 to 0.1901, 0 needed"}]},"rollout":{"deployment":"m-2-b11ae152","champion":"m-1-7b41190a","phase":"shadowing","position":1,"entered":"1975-03-07T00:00:00+00:00","applied":"1975-03-07T00:00:00+00:00","traffic":{"m-1-7b41190a":100}},"last":{"number":1,"outcome":"promoted","started":"1975-01-06T00:00:00+00:00","ended":"1975-01-06T00:00:00+00:00","used":"1974-12-31T00:00:00+00:00"},"readings":{"sensor":{"end":"1975-03-03T00:00:00+00:00","value":0.0,"samples":1000,"verdict":0,"look":8,"champion":"1975-01-06T00:00:00+00:00"},"drift":{"end":"1975-03-03T00:00:00+00:00","value":0.5,"samples":100,"verdict":null,"look":8,"champion":"1975-01-06T00:00:00+00:00"},"accuracy":{"end":"1975-02-24T00:00:00+00:00","value":0.7,"samples":100,"verdict":null,"look":7,"champion":"1975-01-06T00:00:00+00:00"}},"conditions":{"drift":{"flags":[true,true,true],"inside":true,"value":0.5,"end":"1975-03-03T00:00:00+00:00"},"decay":{"flags":[false],"value":0.7,"end":"1975-02-24T00:00:00+00:00"}},"triggers":{"drift":{"true":true,"fired":"1975-02-18T00:00:00+00:00"},"decay":{}},"checked":"1975-03-05T00:00:00+00:00"}');
CREATE TABLE measurement (
	id INTEGER NOT NULL, 
	project TEXT NOT NULL, 
	monitor TEXT NOT NULL, 
	deployment TEXT NOT NULL, 
	window_end TEXT NOT NULL, 
	at TEXT NOT NULL, 
	value FLOAT, 
	samples INTEGER NOT NULL, 
	verdict TEXT, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_measurement PRIMARY KEY (id), 
	CONSTRAINT uq_measurement_project_monitor_deployment_window_end_at UNIQUE (project, monitor, deployment, window_end, at)
);
INSERT INTO "measurement" VALUES(1,'rain','sensor','','1975-01-13T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-05T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-01-13T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(2,'rain','drift','','1975-01-13T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1974-12-16T00:00:00+00:00","end":"1975-01-13T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.0,"samples":1000},"verdict":null}');
INSERT INTO "measurement" VALUES(3,'rain','accuracy','','1975-01-13T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-01-13T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(4,'rain','sensor','','1975-01-20T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-05T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-01-13T00:00:00+00:00","end":"1975-01-20T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(5,'rain','drift','','1975-01-20T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1974-12-23T00:00:00+00:00","end":"1975-01-20T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.0,"samples":1000},"verdict":null}');
INSERT INTO "measurement" VALUES(6,'rain','accuracy','','1975-01-20T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-01-20T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(7,'rain','sensor','','1975-01-27T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-05T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-01-20T00:00:00+00:00","end":"1975-01-27T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(8,'rain','drift','','1975-01-27T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1974-12-30T00:00:00+00:00","end":"1975-01-27T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.0,"samples":1000},"verdict":null}');
INSERT INTO "measurement" VALUES(9,'rain','accuracy','','1975-01-27T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-01-27T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(10,'rain','sensor','','1975-02-03T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-05T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-01-27T00:00:00+00:00","end":"1975-02-03T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(11,'rain','drift','','1975-02-03T00:00:00+00:00','1975-02-05T00:00:00+00:00',0.0,1000,NULL,'{"at":"1975-02-05T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-02-03T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.0,"samples":1000},"verdict":null}');
INSERT INTO "measurement" VALUES(12,'rain','accuracy','','1975-02-03T00:00:00+00:00','1975-02-09T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-09T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-06T00:00:00+00:00","end":"1975-02-03T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(13,'rain','sensor','','1975-02-10T00:00:00+00:00','1975-02-11T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-11T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-02-03T00:00:00+00:00","end":"1975-02-10T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(14,'rain','drift','','1975-02-10T00:00:00+00:00','1975-02-11T00:00:00+00:00',0.5,100,NULL,'{"at":"1975-02-11T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1975-01-13T00:00:00+00:00","end":"1975-02-10T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.5,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(15,'rain','accuracy','','1975-02-10T00:00:00+00:00','1975-02-16T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-16T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-13T00:00:00+00:00","end":"1975-02-10T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(16,'rain','sensor','','1975-02-17T00:00:00+00:00','1975-02-18T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-18T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-02-10T00:00:00+00:00","end":"1975-02-17T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(17,'rain','drift','','1975-02-17T00:00:00+00:00','1975-02-18T00:00:00+00:00',0.5,100,NULL,'{"at":"1975-02-18T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1975-01-20T00:00:00+00:00","end":"1975-02-17T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.5,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(18,'rain','accuracy','','1975-02-17T00:00:00+00:00','1975-02-23T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-02-23T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-20T00:00:00+00:00","end":"1975-02-17T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(19,'rain','sensor','','1975-02-24T00:00:00+00:00','1975-02-25T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-02-25T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-02-17T00:00:00+00:00","end":"1975-02-24T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(20,'rain','drift','','1975-02-24T00:00:00+00:00','1975-02-25T00:00:00+00:00',0.5,100,NULL,'{"at":"1975-02-25T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1975-01-27T00:00:00+00:00","end":"1975-02-24T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.5,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(21,'rain','accuracy','','1975-02-24T00:00:00+00:00','1975-03-02T00:00:00+00:00',0.7,100,NULL,'{"at":"1975-03-02T00:00:00+00:00","monitor":"accuracy","signal":"model_performance","metric":"accuracy","window":{"start":"1975-01-27T00:00:00+00:00","end":"1975-02-24T00:00:00+00:00"},"measurement":{"monitor":"accuracy","value":0.7,"samples":100},"verdict":null}');
INSERT INTO "measurement" VALUES(22,'rain','sensor','','1975-03-03T00:00:00+00:00','1975-03-04T00:00:00+00:00',0.0,1000,'pass','{"at":"1975-03-04T00:00:00+00:00","monitor":"sensor","signal":"data_quality","metric":"out_of_bounds_rate","window":{"start":"1975-02-24T00:00:00+00:00","end":"1975-03-03T00:00:00+00:00"},"measurement":{"monitor":"sensor","value":0.0,"samples":1000},"verdict":0}');
INSERT INTO "measurement" VALUES(23,'rain','drift','','1975-03-03T00:00:00+00:00','1975-03-04T00:00:00+00:00',0.5,100,NULL,'{"at":"1975-03-04T00:00:00+00:00","monitor":"drift","signal":"data_drift","metric":"population_stability_index","window":{"start":"1975-02-03T00:00:00+00:00","end":"1975-03-03T00:00:00+00:00"},"measurement":{"monitor":"drift","value":0.5,"samples":100},"verdict":null}');
CREATE TABLE project (
	name TEXT NOT NULL, 
	generation INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	path TEXT NOT NULL, 
	platform TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	at TEXT NOT NULL, 
	CONSTRAINT pk_project PRIMARY KEY (name, generation)
);
INSERT INTO "project" VALUES('rain',1,'apiVersion: aml-kit/v1alpha1
kind: Project
metadata: {name: rain}
spec:
  model: {name: rain}
  data:
    history: azureml:rain-history:1
    labels: azureml://datastores/workspaceblobstore/paths/labels
    key: day
    time: day
    features: [temperature, minimum, maximum]
    label: rain
    prediction: probability
    delay: P5D
    grace: P1D
  pipeline: {job: pipeline.yml, compute: cpu, window: P1000D, holdout: P300D, minRows: 500, timeout: PT6H}
  deployment: {endpoint: rain, code: score, runtime: conda.yml, checkEvery: P7D}
  monitors:
    - name: sensor
      signal: data_quality
      metric: out_of_bounds_rate
      expression: {temperature: 1, minimum: -0.5, maximum: -0.5}
      bounds: [-1.2, 1.2]
      window: P7D
      every: P7D
      minSamples: 5
      limit: {success: "<= 0.1"}
      quarantine: true
    - {name: drift, signal: data_drift, metric: population_stability_index, window: P28D, every: P7D, minSamples: 20}
    - {name: accuracy, signal: model_performance, metric: accuracy, window: P28D, every: P7D, minSamples: 10}
  triggers:
    - {name: drift, when: {monitor: drift, enter: "> 0.25", exit: "< 0.15", for: {atLeast: 2, of: 3}}}
    - {name: decay, when: {monitor: accuracy, enter: "< champion - 0.1", exit: ">= champion - 0.05"}}
  triggerPolicy: {cooldown: P60D, circuitBreaker: {failures: 3, holdFor: P90D}}
  gates:
    - {name: evaluation, type: compare, minSamples: 200, metrics: [{name: accuracy, atLeast: 0.5}]}
  rollout:
    steps:
      - {smoke: {requests: smoke.jsonl}}
      - {shadow: {percent: 50, for: P2D, minSamples: 10, analysis: [serves]}}
      - {setWeight: 10, for: P2D, minSamples: 10, analysis: [serves]}
      - {setWeight: 50, for: P2D, minSamples: 10, analysis: [serves]}
      - {setWeight: 100, for: P2D, minSamples: 10, analysis: [serves]}
    bake: {for: P5D, minSamples: 50, analysis: [serves], keepPrevious: P2D}
    measureEvery: P1D
    keepFailed: P1D
    analysis:
      serves:
        - {metric: error_rate, success: "<= 0.05", failure: "> 0.2", minSamples: 5}
','/projects/rain/project.yaml','{"environment":"local","subscription_id":"s","tenant_id":"t","location":"eastus","resource_group":"rg","workspace":"ws","registry":"","storage_account":"store","compute":{"cpu":"cpu"},"endpoints":{"rain":"rain-local"},"containers":{}}','author','1975-01-06T00:00:00+00:00');
CREATE TABLE rollout (
	project TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	deployment TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_rollout PRIMARY KEY (project, attempt)
);
INSERT INTO "rollout" VALUES('rain',1,'m-1-7b41190a',0,'{"deployment":"m-1-7b41190a","champion":null,"phase":"canary","position":1,"entered":"1975-01-06T00:00:00+00:00","applied":"1975-01-06T00:00:00+00:00","traffic":{"m-1-7b41190a":100}}');
INSERT INTO "rollout" VALUES('rain',2,'m-2-b11ae152',1,'{"deployment":"m-2-b11ae152","champion":"m-1-7b41190a","phase":"shadowing","position":1,"entered":"1975-03-07T00:00:00+00:00","applied":"1975-03-07T00:00:00+00:00","traffic":{"m-1-7b41190a":100}}');
CREATE UNIQUE INDEX uq_attempt_one_active ON attempt (project) WHERE active;
CREATE UNIQUE INDEX uq_rollout_one_active ON rollout (project) WHERE active;
COMMIT;
