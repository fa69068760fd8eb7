BEGIN TRANSACTION;
CREATE TABLE cases(case_id TEXT PRIMARY KEY, created_utc TEXT NOT NULL, record_json TEXT NOT NULL);
INSERT INTO "cases" VALUES('case-daae581bcd0ddc71','2026-11-27T03:00:11+00:00','{"place": "", "words": "PET + MRI"}');
INSERT INTO "cases" VALUES('case-7a33c87a7e33d728','2026-11-27T03:00:11+00:00','{"place": "", "words": "PET + MRI"}');
CREATE TABLE events(seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, case_id TEXT NOT NULL,
  run_id TEXT NOT NULL, reader TEXT NOT NULL, utc TEXT NOT NULL, kind TEXT NOT NULL, payload_json TEXT NOT NULL,
  previous TEXT NOT NULL, hash TEXT NOT NULL);
INSERT INTO "events" VALUES(1,'b686bea6-8a52-4800-8e79-6dacea530b2d','case-daae581bcd0ddc71','run-32b9ff6e77214571','R1','2026-11-27T03:00:11.725+00:00','open','{"version": "0.1.0"}','','22cd0069b17ed7b62a5f949888a33cb25f6fe80adcc87a44ed074507328bfe7c');
INSERT INTO "events" VALUES(2,'49f8d710-4382-40c3-b73a-4ca71f6f854e','case-daae581bcd0ddc71','run-32b9ff6e77214571','R1','2026-11-27T03:00:11.737+00:00','registration','{"answer": "aligned"}','22cd0069b17ed7b62a5f949888a33cb25f6fe80adcc87a44ed074507328bfe7c','698596a58254275c7d5c48483a0f7960565510159cceae92a3e02ab691086c40');
INSERT INTO "events" VALUES(3,'8607717c-8fa9-4b68-ba7e-87493db162cc','case-daae581bcd0ddc71','run-32b9ff6e77214571','R1','2026-11-27T03:00:11.742+00:00','seen','{"axis": "axial", "index": 2, "mm": 96.0, "seconds": 6.0}','698596a58254275c7d5c48483a0f7960565510159cceae92a3e02ab691086c40','c5def6627d35f866f5f88e344a3a89003fc25561a96ac95d881461f6d0ae0414');
INSERT INTO "events" VALUES(4,'f377413f-c98d-44ed-a5d0-2b930b3c62d0','case-daae581bcd0ddc71','run-32b9ff6e77214571','R1','2026-11-27T03:00:11.753+00:00','slice','{"axis": "axial", "index": 2, "mm": 96.0, "reasons": [], "verdict": "accept"}','c5def6627d35f866f5f88e344a3a89003fc25561a96ac95d881461f6d0ae0414','84066400a7a882adddb6f1adfe6e00af110b6aec53e80bb055cab914d5e13b4c');
INSERT INTO "events" VALUES(5,'ef890cca-d10a-4f2e-b70a-12cfcbcd4fd0','case-daae581bcd0ddc71','run-32b9ff6e77214571','R1','2026-11-27T03:00:11.761+00:00','verdict','{"comment": "", "confidence": 3, "lights": {"Geometry": "green"}, "seconds": 6.0, "value": "usable"}','84066400a7a882adddb6f1adfe6e00af110b6aec53e80bb055cab914d5e13b4c','152e3b90f0d30a60573e675dfdd708f24844bdffbdc196e3b979a0f67a49c02d');
INSERT INTO "events" VALUES(6,'f0e30cc3-cfd5-4739-ab7b-d70849b9ae71','case-7a33c87a7e33d728','run-86c2ced2a0ce1c68','R1','2026-11-27T03:00:11.805+00:00','open','{"version": "0.1.0"}','152e3b90f0d30a60573e675dfdd708f24844bdffbdc196e3b979a0f67a49c02d','6caa8404508e23c6980933205b464ebf1446005755d2755b02020409bbc925a8');
INSERT INTO "events" VALUES(7,'23dbc1ed-48bd-47ca-8865-e30d679a15b7','case-7a33c87a7e33d728','run-86c2ced2a0ce1c68','R1','2026-11-27T03:00:11.806+00:00','registration','{"answer": "aligned"}','6caa8404508e23c6980933205b464ebf1446005755d2755b02020409bbc925a8','fd418100cd6db891323d6ba3798d31815b861e4992f4b25f6bfece62b07b1b3b');
INSERT INTO "events" VALUES(8,'c41524b3-60a0-42cf-8e1b-52f3c4858d44','case-7a33c87a7e33d728','run-86c2ced2a0ce1c68','R1','2026-11-27T03:00:11.807+00:00','seen','{"axis": "axial", "index": 2, "mm": 96.0, "seconds": 6.0}','fd418100cd6db891323d6ba3798d31815b861e4992f4b25f6bfece62b07b1b3b','7d4963cb3d99066ae271bb5a93fa8c3e5286ad9239e732912e1e84d1238d3caf');
INSERT INTO "events" VALUES(9,'6a05623e-b156-4c6a-b79b-46cf3cae2983','case-7a33c87a7e33d728','run-86c2ced2a0ce1c68','R1','2026-11-27T03:00:11.817+00:00','slice','{"axis": "axial", "index": 2, "mm": 96.0, "reasons": [], "verdict": "accept"}','7d4963cb3d99066ae271bb5a93fa8c3e5286ad9239e732912e1e84d1238d3caf','f8e7715d3cbecf6bc83d2f164ecdf0ad05ec097a5afddf2bd4668c34905b1afa');
INSERT INTO "events" VALUES(10,'ecd7cfae-d89e-4107-a1a3-151e2c3d6d2b','case-7a33c87a7e33d728','run-86c2ced2a0ce1c68','R1','2026-11-27T03:00:11.821+00:00','verdict','{"comment": "", "confidence": 3, "lights": {"Geometry": "green"}, "seconds": 6.0, "value": "usable"}','f8e7715d3cbecf6bc83d2f164ecdf0ad05ec097a5afddf2bd4668c34905b1afa','50e04c7dd508d5057734d8d2ca8afe35215bfac820ff11893a407292b7c9a082');
CREATE TABLE examinations(run_id TEXT PRIMARY KEY REFERENCES runs(run_id), content_json TEXT NOT NULL);
INSERT INTO "examinations" VALUES('run-32b9ff6e77214571','{"numbers": {"I2": [0.25, null]}, "body": [1, 2, 3], "flagged": {"2": ["Hot."]}, "missed": []}');
INSERT INTO "examinations" VALUES('run-86c2ced2a0ce1c68','{"numbers": {"I2": [0.25, null]}, "body": [1, 2, 3], "flagged": {"2": ["Hot."]}, "missed": []}');
CREATE TABLE meta(name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('schema_version','1');
INSERT INTO "meta" VALUES('reader','R1');
INSERT INTO "meta" VALUES('tool_version','0.1.0');
CREATE TABLE runs(run_id TEXT PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(case_id), record_json TEXT NOT NULL,
  started_utc TEXT NOT NULL);
INSERT INTO "runs" VALUES('run-32b9ff6e77214571','case-daae581bcd0ddc71','{"a": {"sha256": "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2", "modality": "PT", "unit": "SUVbw", "window": [0.0, 10.0], "move": null}, "b": {"sha256": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "modality": "MR", "unit": "", "window": [0.0, 910.0], "move": null}, "axis": "axial", "reference": "b", "grid": [5, 8, 7], "affine": [[0.0, 0.0, -2.0, 10.0], [0.0, -2.0, 0.0, 20.0], [-2.0, 0.0, 0.0, 30.0], [0.0, 0.0, 0.0, 1.0]], "weights_sha256": "feedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeed"}','2026-11-27T03:00:11+00:00');
INSERT INTO "runs" VALUES('run-86c2ced2a0ce1c68','case-7a33c87a7e33d728','{"a": {"sha256": "c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3c3", "modality": "PT", "unit": "SUVbw", "window": [0.0, 10.0], "move": {"matrix": [[1.0, 0.0, 0.0, 2.5], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 1.0]], "millimetres": 2.5, "degrees": 0.0}}, "b": {"sha256": "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "modality": "MR", "unit": "", "window": [0.0, 910.0], "move": null}, "axis": "axial", "reference": "b", "grid": [5, 8, 7], "affine": [[0.0, 0.0, -2.0, 10.0], [0.0, -2.0, 0.0, 20.0], [-2.0, 0.0, 0.0, 30.0], [0.0, 0.0, 0.0, 1.0]], "weights_sha256": "feedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeedfeed"}','2026-11-27T03:00:11+00:00');
CREATE TABLE views(case_id TEXT PRIMARY KEY REFERENCES cases(case_id), content_json TEXT NOT NULL);
INSERT INTO "views" VALUES('case-daae581bcd0ddc71','{"axis": "axial", "index": 2}');
INSERT INTO "views" VALUES('case-7a33c87a7e33d728','{"axis": "axial", "index": 2}');
CREATE INDEX events_of_a_case ON events(case_id);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER events_are_not_replaced BEFORE INSERT ON events
  WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq OR event_id = NEW.event_id)
  BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('events',10);
COMMIT;
