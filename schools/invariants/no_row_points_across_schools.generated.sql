-- No row points at a row of another school (one query for each foreign key between tables of schools).
SELECT format(
    'SELECT %L, a.school_id, to_jsonb(a) -> ''id'' FROM %s a JOIN %s b ON %s WHERE a.school_id <> b.school_id',
    c.conname, c.conrelid::regclass, c.confrelid::regclass,
    string_agg(format('a.%I = b.%I', source.attname, target.attname), ' AND ')
)
FROM pg_constraint c
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS pair (source_column, target_column)
JOIN pg_attribute source ON source.attrelid = c.conrelid AND source.attnum = pair.source_column
JOIN pg_attribute target ON target.attrelid = c.confrelid AND target.attnum = pair.target_column
WHERE c.contype = 'f' AND c.connamespace = 'public'::regnamespace
    AND source.attname <> 'school_id' AND target.attname <> 'school_id'
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.conrelid AND attname = 'school_id' AND NOT attisdropped)
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.confrelid AND attname = 'school_id' AND NOT attisdropped)
GROUP BY c.oid, c.conname, c.conrelid, c.confrelid;
