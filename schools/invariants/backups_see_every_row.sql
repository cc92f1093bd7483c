-- The role that makes backups sees every row of every table, or a restore would lose some without a word.
SELECT c.relname
FROM pg_class c
WHERE c.relkind IN ('r', 'p', 'S') AND c.relnamespace = 'public'::regnamespace AND (
    (c.relkind = 'S' AND NOT has_sequence_privilege('shop_ops', c.oid, 'SELECT'))
    OR (c.relkind <> 'S' AND NOT has_table_privilege('shop_ops', c.oid, 'SELECT'))
    OR (c.relrowsecurity AND NOT EXISTS (
        SELECT FROM pg_policy p
        WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', '*')
            AND 'shop_ops'::regrole = ANY (p.polroles) AND pg_get_expr(p.polqual, p.polrelid) = 'true'
    ))
);
