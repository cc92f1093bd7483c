-- No part of an order is paid twice, and no provider's reference belongs to two payments (I8).
SELECT school_id, order_id::text AS what
FROM orders_payment
WHERE state IN ('captured', 'part_refunded') AND review_reason = ''
GROUP BY school_id, order_id, kind, part_no
HAVING count(*) > 1
UNION ALL
SELECT min(school_id), provider_ref
FROM orders_payment
WHERE provider_ref <> ''
GROUP BY provider, connection_id, provider_ref
HAVING count(*) > 1;
