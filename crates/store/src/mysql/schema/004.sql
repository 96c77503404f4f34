-- Who answers for a dossier; and everything that row rules ask for stands in the indexes of lists.
ALTER TABLE `row` ADD COLUMN owner BIGINT NOT NULL DEFAULT 0,
    ADD KEY row_reach (tenant, kind, rid, stage, level, industry, state, created, team, region, band, owner),
    ADD KEY row_reach_team (tenant, kind, team, rid, stage, level, industry, state, created, region, band, owner),
    DROP KEY row_list, DROP KEY row_team;
ALTER TABLE `version` ADD COLUMN owner BIGINT NOT NULL DEFAULT 0;
