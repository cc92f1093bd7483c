-- Every school has an owner who can sign in.
SELECT s.id
FROM schools_school s
WHERE NOT EXISTS (
    SELECT FROM schools_member m
    JOIN schools_user u ON u.id = m.user_id
    WHERE m.school_id = s.id AND m.role = 'owner' AND u.is_active
);
