-- Nothing names a contact who was erased: not the contact, not its history, not its lists, tags and fields (I17).
SELECT school_id, id
FROM contacts_contact
WHERE erased_at IS NOT NULL
    AND (email <> 'erased-' || id || '@erased.invalid' OR name || phone || external_id || country || language <> '')
UNION ALL
SELECT c.school_id, c.id
FROM contacts_contact c
JOIN contacts_contactevent e ON (e.school_id, e.pgh_obj_id) = (c.school_id, c.id)
WHERE c.erased_at IS NOT NULL
    AND ((e.email <> '' AND e.email <> c.email) OR e.name || e.phone || e.external_id <> '')
UNION ALL
SELECT c.school_id, c.id
FROM contacts_contact c
WHERE c.erased_at IS NOT NULL
    AND (
        EXISTS (SELECT FROM contacts_contactvalue v WHERE (v.school_id, v.contact_id) = (c.school_id, c.id))
        OR EXISTS (SELECT FROM contacts_contacttag t WHERE (t.school_id, t.contact_id) = (c.school_id, c.id))
        OR EXISTS (SELECT FROM contacts_contactlistmember m WHERE (m.school_id, m.contact_id) = (c.school_id, c.id))
        OR EXISTS (
            SELECT FROM schools_searchword w WHERE (w.school_id, w.kind, w.object_id) = (c.school_id, 'contact', c.id)
        )
    );
