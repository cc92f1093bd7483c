-- A mail step that is done has its one mail, under the key of the run and the step.
SELECT s.school_id, s.id
FROM automations_runstep s
LEFT JOIN contacts_sentmail m
    ON m.school_id = s.school_id AND m.dedupe_key = 'run:' || s.run_id || ':' || s.position
WHERE s.kind = 'mail' AND s.state = 'done' AND m.id IS NULL;
