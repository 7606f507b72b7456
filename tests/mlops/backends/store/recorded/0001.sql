BEGIN TRANSACTION;
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
INSERT INTO "attempt" VALUES('rain',1,'126b7ddcca37f486','rain-0001-126b7ddc',0,'{"number":1,"request":{"key":"126b7ddcca37f486","trigger":"bootstrap","why":"there is no champion yet","asked":"1975-01-06T00:00:00+00:00","first":"1975-01-06T00:00:00+00:00"},"generation":1,"author":"author","started":"1975-01-06T00:00:00+00:00","entered":"1975-01-06T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-06-10T00:00:00+00:00","end":"1974-03-06T00:00:00+00:00"},"holdout":{"start":"1974-03-06T00:00:00+00:00","end":"1974-12-31T00:00:00+00:00"},"without":[],"job":"rain-0001-126b7ddc","dataset":{"name":"rain-training","version":"1","digest":"d1","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"1","digest":"model-rain-0001-126b7ddc"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.7,"why":"accuracy 0.7 within its absolute limit"}],"why":"accuracy 0.7 within its absolute limit"}],"outcome":"promoted","ended":"1975-01-06T00:00:00+00:00","why":"azureml:rain:1 is the champion, the first"}');
INSERT INTO "attempt" VALUES('rain',2,'8ce1a3d598e430c2','rain-0002-8ce1a3d5',1,'{"number":2,"request":{"key":"8ce1a3d598e430c2","trigger":"manual","why":"new sensor","asked":"1975-01-07T00:00:00+00:00","first":"1975-01-07T00:00:00+00:00","actor":"ada","manual":true},"generation":1,"author":"ada","started":"1975-01-08T00:00:00+00:00","entered":"1975-01-08T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-06-12T00:00:00+00:00","end":"1974-03-08T00:00:00+00:00"},"holdout":{"start":"1974-03-08T00:00:00+00:00","end":"1975-01-02T00:00:00+00:00"},"without":[],"job":"rain-0002-8ce1a3d5","dataset":{"name":"rain-training","version":"2","digest":"d2","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"2","digest":"model-rain-0002-8ce1a3d5"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.9,"champion":0.7,"delta":0.20000000000000007,"low":0.15666666666666668,"high":0.25,"min_delta":0.0,"why":"accuracy 0.9 against 0.7: better by 0.2, 95% interval 0.1567 to 0.25, 0 needed"}],"why":"accuracy 0.9 against 0.7: better by 0.2, 95% interval 0.1567 to 0.25, 0 needed"}]}');
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
INSERT INTO "decision" VALUES('rain',1,'1975-01-06T00:00:00+00:00','project','applied','generation 1 of rain/project.yaml','{"endpoint": "rain-local", "generation": 1}','author',NULL,'','b5d0fe10702f0f5cc625bf57cead2d39ae592d6385cb1cc8352ff45bbee594e2');
INSERT INTO "decision" VALUES('rain',2,'1975-01-06T00:00:00+00:00','trigger','fired','bootstrap: there is no champion yet','{"key": "126b7ddcca37f486", "trigger": "bootstrap"}','controller',NULL,'b5d0fe10702f0f5cc625bf57cead2d39ae592d6385cb1cc8352ff45bbee594e2','419e1a847d04b243cc2dccbc7fefeea78ae10d526527640766900ffc4e243f5a');
INSERT INTO "decision" VALUES('rain',3,'1975-01-06T00:00:00+00:00','attempt','started','attempt 1 for bootstrap: there is no champion yet','{"generation": 1, "holdout": "1974-03-06 to 1974-12-31", "train": "1971-06-10 to 1974-03-06", "trigger": "bootstrap", "without": ""}','controller',1,'419e1a847d04b243cc2dccbc7fefeea78ae10d526527640766900ffc4e243f5a','20b42dc73e985bd085d7b06cd6231bb3a604d13de929ee909c4bf7d9a96cb1bf');
INSERT INTO "decision" VALUES('rain',4,'1975-01-06T00:00:00+00:00','attempt','training set built','azureml:rain-training:1: 1000 rows to train on, 300 held out','{"dataset": "azureml:rain-training:1", "digest": "d1", "holdoutRows": 300, "trainRows": 1000}','controller',1,'20b42dc73e985bd085d7b06cd6231bb3a604d13de929ee909c4bf7d9a96cb1bf','cfdfe211479198d4a4e73c984e9bd9321a8cad47b3d1f7eac53cc694955465a0');
INSERT INTO "decision" VALUES('rain',5,'1975-01-06T00:00:00+00:00','attempt','trained','job rain-0001-126b7ddc','{"code": "c0de", "job": "rain-0001-126b7ddc", "runtime": "runtime:1"}','controller',1,'cfdfe211479198d4a4e73c984e9bd9321a8cad47b3d1f7eac53cc694955465a0','9012bd91f6073a8bdddf0aa04ac7166fb661946b8a7a1b22728fba051285ce3d');
INSERT INTO "decision" VALUES('rain',6,'1975-01-06T00:00:00+00:00','attempt','candidate','candidate azureml:rain:1','{"code": "c0de", "dataset": "azureml:rain-training:1", "digest": "model-rain-0001-126b7ddc", "job": "rain-0001-126b7ddc", "model": "azureml:rain:1", "runtime": "runtime:1"}','controller',1,'9012bd91f6073a8bdddf0aa04ac7166fb661946b8a7a1b22728fba051285ce3d','dbf59c9891cea55191b7131740f456b30b82b466b2819e4caa5f60571c83404e');
INSERT INTO "decision" VALUES('rain',7,'1975-01-06T00:00:00+00:00','gate','passed','evaluation: accuracy 0.7 within its absolute limit','{"accuracy.candidate": 0.7, "accuracy.samples": 300, "gate": "evaluation", "verdict": "pass"}','controller',1,'dbf59c9891cea55191b7131740f456b30b82b466b2819e4caa5f60571c83404e','86fb0b9ff588f7a1de82a8a417930526be6e210ef809c5fa8f654bf708c9adec');
INSERT INTO "decision" VALUES('rain',8,'1975-01-06T00:00:00+00:00','rollout','started','azureml:rain:1 as m-1-bd408f60, the first','{"champion": null, "deployment": "m-1-bd408f60", "model": "azureml:rain:1"}','controller',1,'86fb0b9ff588f7a1de82a8a417930526be6e210ef809c5fa8f654bf708c9adec','f424e867f5ee31d76136584b6e27319fb33b1dae55cc301fb7fd59e55025629f');
INSERT INTO "decision" VALUES('rain',9,'1975-01-06T00:00:00+00:00','rollout','advanced','deploying done (0 requests, 0 passes in a row): smoke requests to m-1-bd408f60','{"elapsedSeconds": 0.0, "samples": 0, "successes": 0}','controller',1,'f424e867f5ee31d76136584b6e27319fb33b1dae55cc301fb7fd59e55025629f','fcc012943a2f2b26822aa0471472b28436a913a99d4c20ae996b77396be6b543');
INSERT INTO "decision" VALUES('rain',10,'1975-01-06T00:00:00+00:00','rollout','advanced','verifying done (0 requests, 0 passes in a row): m-1-bd408f60 to 100 %','{"elapsedSeconds": 0.0, "samples": 0, "smokeErrors": 0.0, "smokeRequests": 1, "successes": 0}','controller',1,'fcc012943a2f2b26822aa0471472b28436a913a99d4c20ae996b77396be6b543','832bb417d112528ccfb726202a6970a100bf8215c0e8f7b5be8b21dadc6b97da');
INSERT INTO "decision" VALUES('rain',11,'1975-01-06T00:00:00+00:00','rollout','serving','canary: traffic is m-1-bd408f60 100','{"m-1-bd408f60": 100}','controller',1,'832bb417d112528ccfb726202a6970a100bf8215c0e8f7b5be8b21dadc6b97da','3ce94ea9ace4882135e41bff6636f65b600782e1d7cf20ee1ba4c83c58a313ab');
INSERT INTO "decision" VALUES('rain',12,'1975-01-06T00:00:00+00:00','champion','promoted','azureml:rain:1 is the champion, the first','{"accuracy": 0.7, "deployment": "m-1-bd408f60", "model": "azureml:rain:1"}','controller',1,'3ce94ea9ace4882135e41bff6636f65b600782e1d7cf20ee1ba4c83c58a313ab','b57aa00aa784c64d87868af431f61ec1950415e86b62a4e83276fecd02c5abaa');
INSERT INTO "decision" VALUES('rain',13,'1975-01-06T00:00:00+00:00','attempt','promoted','azureml:rain:1 is the champion, the first','{"failuresInARow": 0}','controller',1,'b57aa00aa784c64d87868af431f61ec1950415e86b62a4e83276fecd02c5abaa','d9bb779962370af10c5dca4a8bb78809bbade1bd4ff76438362069884b39af78');
INSERT INTO "decision" VALUES('rain',14,'1975-01-06T00:00:00+00:00','trigger','not yet','drift: drift not measured, > 0.25 (0 of 2 in 3 windows)','{"trigger": "drift"}','controller',NULL,'d9bb779962370af10c5dca4a8bb78809bbade1bd4ff76438362069884b39af78','12c7d8a2716be38a53c60026f5f61e5affa4ab138b1d176da2f1722dcbedd346');
INSERT INTO "decision" VALUES('rain',15,'1975-01-06T00:00:00+00:00','trigger','not yet','decay: accuracy not measured, < champion - 0.1','{"trigger": "decay"}','controller',NULL,'12c7d8a2716be38a53c60026f5f61e5affa4ab138b1d176da2f1722dcbedd346','63883a0a4cff354d2f1bb5e1b533aafa838aa44739a460593da07dbeec977dd6');
INSERT INTO "decision" VALUES('rain',16,'1975-01-07T00:00:00+00:00','trigger','fired','manual: new sensor','{"key": "8ce1a3d598e430c2", "trigger": "manual"}','ada',NULL,'63883a0a4cff354d2f1bb5e1b533aafa838aa44739a460593da07dbeec977dd6','c3c28120d9033d02d7f65b73943b1e1884c0b1ec7e43cb629602b943b6a75487');
INSERT INTO "decision" VALUES('rain',17,'1975-01-08T00:00:00+00:00','attempt','started','attempt 2 for manual: new sensor','{"generation": 1, "holdout": "1974-03-08 to 1975-01-02", "train": "1971-06-12 to 1974-03-08", "trigger": "manual", "without": ""}','controller',2,'c3c28120d9033d02d7f65b73943b1e1884c0b1ec7e43cb629602b943b6a75487','e542ae8cd55eb26507b1c5b0ba5fcf22c153897ded4e975ab42c9c2881482710');
INSERT INTO "decision" VALUES('rain',18,'1975-01-08T00:00:00+00:00','attempt','training set built','azureml:rain-training:2: 1000 rows to train on, 300 held out','{"dataset": "azureml:rain-training:2", "digest": "d2", "holdoutRows": 300, "trainRows": 1000}','controller',2,'e542ae8cd55eb26507b1c5b0ba5fcf22c153897ded4e975ab42c9c2881482710','04602a216f8a4ba7a0fd9f65b8b10acc992cb270affe974bd08a437a7aaddf82');
INSERT INTO "decision" VALUES('rain',19,'1975-01-08T00:00:00+00:00','attempt','trained','job rain-0002-8ce1a3d5','{"code": "c0de", "job": "rain-0002-8ce1a3d5", "runtime": "runtime:1"}','controller',2,'04602a216f8a4ba7a0fd9f65b8b10acc992cb270affe974bd08a437a7aaddf82','e5272afad3e10109989fbe0147f5fd46746695e147daf2cc8abbd4f8989f782d');
INSERT INTO "decision" VALUES('rain',20,'1975-01-08T00:00:00+00:00','attempt','candidate','candidate azureml:rain:2','{"code": "c0de", "dataset": "azureml:rain-training:2", "digest": "model-rain-0002-8ce1a3d5", "job": "rain-0002-8ce1a3d5", "model": "azureml:rain:2", "runtime": "runtime:1"}','controller',2,'e5272afad3e10109989fbe0147f5fd46746695e147daf2cc8abbd4f8989f782d','ab3759b0e1dd85042c9613f5de1d9d79bb0a08d30a8525f17d7596a546a5e9a3');
INSERT INTO "decision" VALUES('rain',21,'1975-01-08T00:00:00+00:00','gate','passed','evaluation: accuracy 0.9 against 0.7: better by 0.2, 95% interval 0.1567 to 0.25, 0 needed','{"accuracy.candidate": 0.9, "accuracy.champion": 0.7, "accuracy.delta": 0.20000000000000007, "accuracy.high": 0.25, "accuracy.low": 0.15666666666666668, "accuracy.minDelta": 0.0, "accuracy.samples": 300, "gate": "evaluation", "verdict": "pass"}','controller',2,'ab3759b0e1dd85042c9613f5de1d9d79bb0a08d30a8525f17d7596a546a5e9a3','da0b2ff13c7f94a7b56dd37b65199070d3ab3743c1e064121f3e59e3feb75d86');
INSERT INTO "decision" VALUES('rain',22,'1975-01-08T00:00:00+00:00','rollout','started','azureml:rain:2 as m-2-d4762af2 against m-1-bd408f60','{"champion": "m-1-bd408f60", "deployment": "m-2-d4762af2", "model": "azureml:rain:2"}','controller',2,'da0b2ff13c7f94a7b56dd37b65199070d3ab3743c1e064121f3e59e3feb75d86','08fd3ad327c7a00315f6789dfb292fcc624cd591e8f07d847e0e06c9352ede49');
INSERT INTO "decision" VALUES('rain',23,'1975-01-08T00:00:00+00:00','rollout','advanced','deploying done (0 requests, 0 passes in a row): smoke requests to m-2-d4762af2','{"elapsedSeconds": 0.0, "samples": 0, "successes": 0}','controller',2,'08fd3ad327c7a00315f6789dfb292fcc624cd591e8f07d847e0e06c9352ede49','6ed86ac26ffd3c3fb90c501b3a6ba84a669b19eb840c4c058571614d1226582e');
INSERT INTO "decision" VALUES('rain',24,'1975-01-08T00:00:00+00:00','rollout','advanced','verifying done (0 requests, 0 passes in a row): 50 % of the traffic is mirrored to m-2-d4762af2','{"elapsedSeconds": 0.0, "samples": 0, "smokeErrors": 0.0, "smokeRequests": 1, "successes": 0}','controller',2,'6ed86ac26ffd3c3fb90c501b3a6ba84a669b19eb840c4c058571614d1226582e','76ce41b8a3b212bf86eb147d812ad456a5af74c84673c5b578e6e1f27f3f865a');
INSERT INTO "decision" VALUES('rain',25,'1975-01-08T00:00:00+00:00','rollout','serving','shadowing: traffic is m-1-bd408f60 100; mirrored: m-2-d4762af2 50','{"m-1-bd408f60": 100}','controller',2,'76ce41b8a3b212bf86eb147d812ad456a5af74c84673c5b578e6e1f27f3f865a','6089d23471b8566e64ca4e80bbcefe6d95556e96133066744c03fa1e4afc4022');
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
INSERT INTO "loop" VALUES('rain','rain-local',25,'azureml:rain:1','m-1-bd408f60','{"project":"rain","endpoint":"rain-local","started":"1975-01-06T00:00:00+00:00","generation":1,"applied":"1975-01-06T00:00:00+00:00","author":"author","version":25,"attempts":2,"champion":{"model":{"name":"rain","version":"1","digest":"model-rain-0001-126b7ddc"},"deployment":"m-1-bd408f60","dataset":{"name":"rain-training","version":"1","digest":"d1","train_rows":1000,"holdout_rows":300},"attempt":1,"since":"1975-01-06T00:00:00+00:00","metrics":{"accuracy":0.7}},"attempt":{"number":2,"request":{"key":"8ce1a3d598e430c2","trigger":"manual","why":"new sensor","asked":"1975-01-07T00:00:00+00:00","first":"1975-01-07T00:00:00+00:00","actor":"ada","manual":true},"generation":1,"author":"ada","started":"1975-01-08T00:00:00+00:00","entered":"1975-01-08T00:00:00+00:00","phase":"rolling out","train":{"start":"1971-06-12T00:00:00+00:00","end":"1974-03-08T00:00:00+00:00"},"holdout":{"start":"1974-03-08T00:00:00+00:00","end":"1975-01-02T00:00:00+00:00"},"without":[],"job":"rain-0002-8ce1a3d5","dataset":{"name":"rain-training","version":"2","digest":"d2","train_rows":1000,"holdout_rows":300},"candidate":{"name":"rain","version":"2","digest":"model-rain-0002-8ce1a3d5"},"code_digest":"c0de","runtime":"runtime:1","gates":[{"gate":"evaluation","verdict":0,"metrics":[{"name":"accuracy","verdict":0,"samples":300,"candidate":0.9,"champion":0.7,"delta":0.20000000000000007,"low":0.15666666666666668,"high":0.25,"min_delta":0.0,"why":"accuracy 0.9 against 0.7: better by 0.2, 95% interval 0.1567 to 0.25, 0 needed"}],"why":"accuracy 0.9 against 0.7: better by 0.2, 95% interval 0.1567 to 0.25, 0 needed"}]},"rollout":{"deployment":"m-2-d4762af2","champion":"m-1-bd408f60","phase":"shadowing","position":1,"entered":"1975-01-08T00:00:00+00:00","applied":"1975-01-08T00:00:00+00:00","traffic":{"m-1-bd408f60":100},"seen":"1975-01-09T00:00:00+00:00","elapsed":86400.0,"successes":1,"samples":50,"tallies":[{"metric":"error_rate"}]},"last":{"number":1,"outcome":"promoted","started":"1975-01-06T00:00:00+00:00","ended":"1975-01-06T00:00:00+00:00","used":"1974-12-31T00:00:00+00:00"},"triggers":{"drift":{},"decay":{}},"checked":"1975-01-06T00:00:00+00:00"}');
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
INSERT INTO "measurement" VALUES(1,'rain','rollout error_rate','m-2-d4762af2','1975-01-09T00:00:00+00:00','1975-01-09T00:00:00+00:00',0.0,50,'pass','{"at":"1975-01-09T00:00:00+00:00","monitor":"rollout error_rate","signal":"served","metric":"error_rate","window":{"start":"1975-01-08T00:00:00+00:00","end":"1975-01-09T00:00:00+00:00"},"measurement":{"monitor":"error_rate","value":0.0,"samples":50},"verdict":0,"deployment":"m-2-d4762af2"}');
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
','rain/project.yaml','{"environment":"local","subscription_id":"s","tenant_id":"t","location":"eastus","resource_group":"rg","workspace":"ws","registry":"","storage_account":"store","compute":{"cpu":"cpu"},"endpoints":{"rain":"rain-local"},"containers":{}}','author','1975-01-06T00:00:00+00:00');
CREATE TABLE rollout (
	project TEXT NOT NULL, 
	attempt INTEGER NOT NULL, 
	deployment TEXT NOT NULL, 
	active BOOLEAN NOT NULL, 
	state TEXT NOT NULL, 
	CONSTRAINT pk_rollout PRIMARY KEY (project, attempt)
);
INSERT INTO "rollout" VALUES('rain',1,'m-1-bd408f60',0,'{"deployment":"m-1-bd408f60","champion":null,"phase":"canary","position":1,"entered":"1975-01-06T00:00:00+00:00","applied":"1975-01-06T00:00:00+00:00","traffic":{"m-1-bd408f60":100}}');
INSERT INTO "rollout" VALUES('rain',2,'m-2-d4762af2',1,'{"deployment":"m-2-d4762af2","champion":"m-1-bd408f60","phase":"shadowing","position":1,"entered":"1975-01-08T00:00:00+00:00","applied":"1975-01-08T00:00:00+00:00","traffic":{"m-1-bd408f60":100},"seen":"1975-01-09T00:00:00+00:00","elapsed":86400.0,"successes":1,"samples":50,"tallies":[{"metric":"error_rate"}]}');
CREATE TABLE schema_version (
	version INTEGER NOT NULL, 
	CONSTRAINT pk_schema_version PRIMARY KEY (version)
);
INSERT INTO "schema_version" VALUES(1);
CREATE UNIQUE INDEX uq_attempt_one_active ON attempt (project) WHERE active;
CREATE UNIQUE INDEX uq_rollout_one_active ON rollout (project) WHERE active;
COMMIT;
