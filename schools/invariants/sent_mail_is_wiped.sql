-- What a mail said, and to whom, is gone from the outbox once it is sent.
SELECT school_id, id
FROM schools_outbox
WHERE kind = 'mail' AND done_at IS NOT NULL AND payload ? 'sealed';
