-- Each line of an order that was paid has opened what it names, once for each course (I7).
WITH opened AS MATERIALIZED ( -- joined once, and not for each pair of rows where Postgres has no statistics yet
    SELECT a.school_id, a.order_id, c.course_id
    FROM orders_orderaccess a
    JOIN courses_access c ON (c.school_id, c.id) = (a.school_id, a.access_id)
)
SELECT o.school_id, o.id, l.id, i.course_id
FROM orders_order o
JOIN orders_orderline l ON (l.school_id, l.order_id) = (o.school_id, o.id)
JOIN orders_orderlineitem i ON (i.school_id, i.line_id) = (l.school_id, l.id)
WHERE o.state IN ('paid', 'part_refunded', 'refunded')
    AND NOT EXISTS (
        SELECT FROM opened
        WHERE (opened.school_id, opened.order_id, opened.course_id) = (o.school_id, o.id, i.course_id)
    )
GROUP BY o.school_id, o.id, l.id, i.course_id;
