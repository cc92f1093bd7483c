-- No outbox row has been due for more than two minutes.
SELECT school_id, id, kind
FROM schools_outbox
WHERE done_at IS NULL AND dead_at IS NULL AND available_at < statement_timestamp() - interval '2 minutes';
