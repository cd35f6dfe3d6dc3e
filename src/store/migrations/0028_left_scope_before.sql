-- 0024 knew a host that had left the scope by what was said of it last. Where the job that took the control away was lost in
-- between, something else was said, and the control never came back with its host. The audit log has why it went.
UPDATE control_host SET left_scope = 1
    WHERE left_scope = 0 AND state IN ('retiring', 'retired')
    AND (control_id, '{"host":"' || host_id || '","state":"retiring"}') IN (
        SELECT a.subject, a.after_json FROM audit a JOIN (
            SELECT MAX(sequence) AS sequence FROM audit WHERE action = 'control.retiring'
            GROUP BY subject, after_json) latest ON latest.sequence = a.sequence
        WHERE a.reason = 'no longer in its scope');
-- Likewise one that was gone: revoked, or replaced by an enrolment that was revoked since.
UPDATE control_host SET left_scope = 1
    WHERE left_scope = 0 AND state = 'retired'
    AND (control_id, '{"host":"' || host_id || '","state":"retired"}') IN (
        SELECT a.subject, a.after_json FROM audit a JOIN (
            SELECT MAX(sequence) AS sequence FROM audit WHERE action = 'control.retired'
            GROUP BY subject, after_json) latest ON latest.sequence = a.sequence
        WHERE a.reason = 'the host is gone' AND a.before_json NOT LIKE '%"state":"retiring"}');
-- Hosts that came back unseen are found by a look at all of them.
DELETE FROM setting WHERE name = 'controls.followed';
