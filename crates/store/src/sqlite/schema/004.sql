-- Who answers for a dossier; and everything that row rules ask for stands in the indexes of lists.
ALTER TABLE row ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
ALTER TABLE version ADD COLUMN owner INTEGER NOT NULL DEFAULT 0;
DROP INDEX row_list;
DROP INDEX row_team;
CREATE INDEX row_list ON row (tenant, kind, id, stage, level, industry, state, created, team, region, band, owner);
CREATE INDEX row_team ON row (tenant, kind, team, id, stage, level, industry, state, created, region, band, owner);
