-- Each with what its lines come to. A line that was saved twice counts as it was saved last; one of nothing is none.
select p.*, l.line_count, l.lines_total
from dispatch_purchase as p
left join (
  select purchase_id, count(*) as line_count, sum(amount) as lines_total
  from (
    select distinct on (purchase_id, line) purchase_id, quantity, amount
    from dispatch_purchaseitem
    order by purchase_id, line, updated desc
  ) as line
  where quantity > 0
  group by purchase_id
) as l on l.purchase_id = p.id
