-- The roles of web, worker and backups own nothing, pass no policy and belong to no other role.
SELECT r.rolname
FROM pg_roles r
WHERE r.rolname IN ('shop_app', 'shop_relay', 'shop_ops') AND (
    r.rolsuper OR r.rolbypassrls OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication
    OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid)
    OR EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid)
);
