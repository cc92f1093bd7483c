-- Nothing in an order or its history names a buyer who was erased (I17).
SELECT o.school_id, o.id
FROM orders_order o
JOIN contacts_contact c ON (c.school_id, c.id) = (o.school_id, o.contact_id)
WHERE c.erased_at IS NOT NULL
    AND (o.buyer_email <> c.email OR o.buyer_name || o.buyer_phone || o.reason <> '' OR o.answers <> '[]'
        OR o.utm <> '{}'
        OR EXISTS (SELECT FROM orders_ordercomment m WHERE (m.school_id, m.order_id) = (o.school_id, o.id))
    )
UNION ALL
SELECT o.school_id, o.id
FROM orders_orderevent o
JOIN contacts_contact c ON (c.school_id, c.id) = (o.school_id, o.contact_id)
WHERE c.erased_at IS NOT NULL
    AND (o.buyer_email <> c.email OR o.buyer_name || o.buyer_phone || o.reason <> '' OR o.answers <> '[]');
