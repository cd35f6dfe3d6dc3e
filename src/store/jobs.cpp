#include "thimble/store/jobs.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {
namespace {

constexpr const char* kColumns =
    "id, host_id, envelope, created_by, created_at, expires_at, kind, plan_digest, run, "
    "deployment_id";
constexpr std::size_t kColumnCount = 10;
constexpr std::int64_t kMillisecondsPerSecond = 1000;

std::vector<Job> jobs_of(const std::vector<Row>& rows) {
    std::vector<Job> jobs;
    jobs.reserve(rows.size());
    for (const Row& row : rows) {
        jobs.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             instant_at(row, 4),
             instant_at(row, 5),
             text_at(row, 6),
             text_at(row, 7),
             text_at(row, 8),
             text_at(row, 9)});
    }
    return jobs;
}

}  // namespace

Result<void> add_job(Connection& connection, const Job& job) {
    THIMBLE_TRY(connection.execute(
        std::string("INSERT INTO job (finished_at, ") + kColumns
            + ") VALUES (0, :id, :host, :envelope, :creator, :created, :expires, :kind, :plan, "
              ":run, :deployment)",
        {job.id,
         job.host_id,
         job.envelope,
         job.created_by,
         seconds_of(job.created_at),
         seconds_of(job.expires_at),
         job.kind,
         job.plan_digest,
         job.run,
         job.deployment_id}));
    return {};
}

Result<bool> has_job(Connection& connection, const std::string& id) {
    THIMBLE_TRY(const auto rows, connection.query("SELECT id FROM job WHERE id = :id", {id}));
    return !rows.empty();
}

Result<std::vector<Job>> waiting_jobs(Connection& connection, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + " FROM job WHERE finished_at = 0 AND expires_at > :now ORDER BY created_at, id",
            {seconds_of(now)}));
    return jobs_of(rows);
}

Result<std::optional<Job>> waiting_job(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + " FROM job WHERE id = :id AND host_id = :host AND finished_at = 0 AND expires_at "
                  "> :now",
            {id, host_id, seconds_of(now)}));
    auto jobs = jobs_of(rows);
    return jobs.empty() ? std::optional<Job>() : std::optional(std::move(jobs.front()));
}

Result<std::vector<Job>> changed_jobs_that_wait(
    Connection& connection, std::int64_t after, std::int64_t until, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + " FROM job WHERE finished_at = 0 AND expires_at > :now AND id IN (SELECT subject "
                  "FROM server_change WHERE kind = 'job' AND number > :after AND number <= :until) "
                  "ORDER BY created_at, id",
            {seconds_of(now), after, until}));
    return jobs_of(rows);
}

Result<std::optional<Job>> open_job(
    Connection& connection, const std::string& id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + " FROM job WHERE id = :id AND host_id = :host AND state IN ('waiting', "
                  "'running', 'expired')",
            {id, host_id}));
    auto jobs = jobs_of(rows);
    return jobs.empty() ? std::optional<Job>() : std::optional(std::move(jobs.front()));
}

Result<void> note_progress(
    Connection& connection, const std::string& id, const std::string& line, Instant now) {
    THIMBLE_TRY(connection.execute(
        "UPDATE job SET state = 'running', progress = :line, begun_at = CASE begun_at WHEN 0 THEN "
        ":now ELSE begun_at END WHERE id = :id AND state IN ('waiting', 'running', 'expired')",
        {line, seconds_of(now), id}));
    return {};
}

Result<void> note_begin(Connection& connection, const std::string& id, Instant now) {
    THIMBLE_TRY(connection.execute(
        "UPDATE job SET state = 'running', progress = '', begun_at = :now WHERE id = :id AND "
        "begun_at = 0 AND state IN ('waiting', 'expired')",
        {seconds_of(now), id}));
    return {};
}

Result<void> note_wait(Connection& connection, const std::string& id, const std::string& line) {
    THIMBLE_TRY(connection.execute(
        "UPDATE job SET progress = :line WHERE id = :id AND state IN ('waiting', 'expired')",
        {line, id}));
    return {};
}

Result<bool> close_job(Connection& connection, const std::string& id, const JobClosing& closing) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE job SET state = :state, exit_status = :status, why = :why, document = "
            ":document, hooks = :hooks, evidence = :evidence, evidence_why = :unread WHERE id = "
            ":id AND state IN ('waiting', 'running', "
            "'expired')",
            {closing.state,
             closing.exit_status,
             closing.why,
             closing.document,
             closing.hooks,
             closing.evidence,
             closing.evidence_why,
             id}));
    return changed == 1;
}

Result<std::optional<KeptEvidence>> evidence_of_job(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, host_id, deployment_id, evidence, evidence_why FROM job WHERE id = :id AND "
            "evidence <> ''",
            {id}));
    if (rows.empty()) {
        return std::optional<KeptEvidence>();
    }
    const Row& row = rows.front();
    return std::optional(KeptEvidence{
        text_at(row, 0), text_at(row, 1), text_at(row, 2), text_at(row, 3), text_at(row, 4)});
}

Result<std::vector<Job>> overdue_jobs(Connection& connection, const OverdueSince& since) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + " FROM job WHERE (state = 'waiting' AND expires_at <= :now) OR (state = "
                  "'running' AND (begun_at < :begun OR (kind = 'verify' AND begun_at < :heard))) "
                  "ORDER BY created_at, id LIMIT 1000",
            {seconds_of(since.now),
             seconds_of(since.begun_before),
             seconds_of(since.verification_before)}));
    return jobs_of(rows);
}

Result<std::vector<BegunJob>> jobs_begun_in(Connection& connection, const std::string& phase) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT ") + kColumns
                + ", begun_at FROM job WHERE state = 'running' AND id IN (SELECT job_id FROM "
                  "deployment_host WHERE phase = :phase) ORDER BY id",
            {phase}));
    const std::vector<Job> jobs = jobs_of(rows);
    std::vector<BegunJob> begun;
    begun.reserve(jobs.size());
    for (std::size_t at = 0; at < jobs.size(); ++at) {
        begun.push_back({jobs[at], instant_at(rows[at], kColumnCount)});
    }
    return begun;
}

Result<std::vector<KeptHooks>> hooks_of(
    Connection& connection, const std::string& deployment_id, const std::string& host_id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT kind, created_at, hooks FROM job WHERE deployment_id = :deployment AND host_id "
            "= :host AND hooks <> '' ORDER BY created_at, id",
            {deployment_id, host_id}));
    std::vector<KeptHooks> kept;
    kept.reserve(rows.size());
    for (const Row& row : rows) {
        kept.push_back({text_at(row, 0), instant_at(row, 1), text_at(row, 2)});
    }
    return kept;
}

Result<std::int64_t> next_job_sequence(
    Connection& connection, const std::string& host_id, Instant now) {
    const std::int64_t floor = seconds_of(now) * kMillisecondsPerSecond;
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE host SET job_sequence = CASE WHEN job_sequence < :floor THEN :same ELSE "
            "job_sequence + 1 END WHERE id = :id",
            {floor, floor, host_id}));
    if (changed == 0) {
        return failure(ErrorKind::NotFound, "store.no_host", "there is no host " + host_id);
    }
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT job_sequence FROM host WHERE id = :id", {host_id}));
    return number_at(rows.front(), 0);
}

Result<bool> finish_job(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE job SET finished_at = :now WHERE id = :id AND host_id = :host AND finished_at "
            "= "
            "0",
            {seconds_of(now), id, host_id}));
    return changed == 1;
}

Result<bool> take_lease(
    Connection& connection, const std::string& id, const std::string& host_id, Instant now) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE job SET state = 'running', begun_at = CASE begun_at WHEN 0 THEN :now ELSE "
            "begun_at END WHERE id = :id AND host_id = :host AND finished_at = 0 AND state IN "
            "('waiting', 'running')",
            {seconds_of(now), id, host_id}));
    return changed == 1;
}

Result<bool> has_begun(Connection& connection, const std::string& id) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT 1 FROM job WHERE id = :id AND begun_at <> 0", {id}));
    return !rows.empty();
}

Result<std::string> setting(Connection& connection, const std::string& name) {
    THIMBLE_TRY(
        const auto rows,
        connection.query("SELECT content FROM setting WHERE name = :name", {name}));
    return rows.empty() ? std::string() : text_at(rows.front(), 0);
}

Result<void> set_setting(
    Connection& connection, const std::string& name, const std::string& content) {
    THIMBLE_TRY(
        const std::int64_t changed,
        connection.execute(
            "UPDATE setting SET content = :content WHERE name = :name", {content, name}));
    if (changed == 0) {
        THIMBLE_TRY(connection.execute(
            "INSERT INTO setting (name, content) VALUES (:name, :content)", {name, content}));
    }
    return {};
}

}  // namespace thimble::store
