-- name: GetAlertSetting :one
SELECT value FROM alert_settings WHERE name = ?;

-- name: PutAlertSetting :exec
INSERT INTO alert_settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: DeleteAlertSetting :exec
DELETE FROM alert_settings WHERE name = ?;

-- name: ListAlertSecrets :many
SELECT * FROM alert_secrets;

-- name: PutAlertSecret :exec
INSERT INTO alert_secrets (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

-- name: DeleteAlertSecret :exec
DELETE FROM alert_secrets WHERE name = ?;

-- name: PutAlert :exec
INSERT INTO alerts (id, rule, title, severity, metric, value, threshold, text, fired_at, resolved_at, ended)
VALUES (@id, @rule, @title, @severity, @metric, @value, @threshold, @text, @fired_at, @resolved_at, @ended)
ON CONFLICT (id) DO UPDATE SET title = excluded.title, text = excluded.text, value = excluded.value, resolved_at = excluded.resolved_at, ended = excluded.ended;

-- name: FiringAlerts :many
SELECT * FROM alerts WHERE resolved_at IS NULL ORDER BY num;

-- name: AlertsByID :many
SELECT * FROM alerts WHERE id IN (sqlc.slice('ids')) AND resolved_at IS NOT NULL ORDER BY num;

-- name: EndedAlerts :many
SELECT * FROM alerts WHERE resolved_at IS NOT NULL ORDER BY resolved_at DESC, num DESC LIMIT ?;

-- name: DropAlertsBefore :exec
DELETE FROM alerts WHERE resolved_at < ?
    AND NOT EXISTS (SELECT 1 FROM alert_notices n WHERE n.alert_id = alerts.id AND n.status IN ('waiting', 'held', 'joined'));

-- name: DropOldAlerts :exec
DELETE FROM alerts WHERE resolved_at IS NOT NULL AND num <= (SELECT num FROM alerts ORDER BY num DESC LIMIT 1 OFFSET @keep)
    AND NOT EXISTS (SELECT 1 FROM alert_notices n WHERE n.alert_id = alerts.id AND n.status IN ('waiting', 'held', 'joined'));

-- name: PutAlertNotice :exec
INSERT INTO alert_notices (id, alert_id, channel, event, status, reason, into_id, body, attempts, next_at, created_at, changed_at)
VALUES (@id, @alert_id, @channel, @event, @status, @reason, @into_id, @body, @attempts, @next_at, @created_at, @changed_at)
ON CONFLICT (id) DO UPDATE SET status = excluded.status, reason = excluded.reason, into_id = excluded.into_id, body = excluded.body,
    attempts = excluded.attempts, next_at = excluded.next_at, changed_at = excluded.changed_at;

-- name: OpenAlertNotices :many
SELECT * FROM alert_notices WHERE status IN ('waiting', 'held', 'joined') ORDER BY num;

-- name: ListAlertNotices :many
SELECT * FROM alert_notices WHERE alert_id IN (sqlc.slice('alerts')) ORDER BY num;

-- name: SentAlertNotices :many
SELECT channel, changed_at FROM alert_notices WHERE status = 'sent' AND into_id = '' AND changed_at >= @since ORDER BY changed_at;

-- name: DropAlertNoticesBefore :exec
DELETE FROM alert_notices WHERE changed_at < @before AND status NOT IN ('waiting', 'held', 'joined')
    AND (alert_id IS NULL OR NOT EXISTS (SELECT 1 FROM alerts a WHERE a.id = alert_id AND a.resolved_at IS NULL));
