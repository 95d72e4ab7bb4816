-- A deleted case takes its tasks with it: they are skipped by name, not rejected for a missing case.
select
  t.id, t.case_id, t.patient_id, t.parent_id, t.assignee_id, t.kind, t.title, t.description, t.status,
  t.price, t.estimate, t.due, t.deleted, t.created, t.updated,
  c.deleted as case_deleted
from dispatch_task as t
left join dispatch_case as c on c.id = t.case_id
