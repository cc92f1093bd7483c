-- No notice of a provider has waited for more than two minutes without an outbox row that will work on it (I11).
SELECT i.school_id, i.id
FROM orders_inboxevent i
WHERE i.processed_at IS NULL AND i.dead_at IS NULL AND i.received_at < statement_timestamp() - interval '2 minutes'
    AND NOT EXISTS (
        SELECT FROM schools_outbox x
        WHERE x.school_id = i.school_id AND x.kind = 'inbox' AND x.dedupe_key = 'event:' || i.id
            AND x.done_at IS NULL
    );
