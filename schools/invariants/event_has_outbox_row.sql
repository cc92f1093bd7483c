-- Every event of the journal has the outbox row that hands it to whoever listens.
SELECT e.school_id, e.id
FROM schools_event e
LEFT JOIN schools_outbox o ON o.school_id = e.school_id AND o.kind = 'event' AND o.dedupe_key = 'event:' || e.id
WHERE o.id IS NULL;
