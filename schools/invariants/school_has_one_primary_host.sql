-- Every school has exactly one primary host, and it is verified.
SELECT s.id
FROM schools_school s
LEFT JOIN schools_domain d ON d.school_id = s.id AND d.is_primary AND d.verified_at IS NOT NULL
GROUP BY s.id
HAVING count(d.id) <> 1;
