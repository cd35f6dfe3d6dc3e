#include "thimble/store/jobs.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {

Result<void> add_job(Connection& connection, const Job& job) {
    THIMBLE_TRY(connection.execute(
        "INSERT INTO job (id, host_id, envelope, created_by, created_at, expires_at, finished_at) "
        "VALUES (:id, :host, :envelope, :creator, :created, :expires, 0)",
        {job.id,
         job.host_id,
         job.envelope,
         job.created_by,
         seconds_of(job.created_at),
         seconds_of(job.expires_at)}));
    return {};
}

Result<std::vector<Job>> waiting_jobs(Connection& connection, Instant now) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            "SELECT id, host_id, envelope, created_by, created_at, expires_at FROM job WHERE "
            "finished_at = 0 AND expires_at > :now ORDER BY created_at, id",
            {seconds_of(now)}));
    std::vector<Job> jobs;
    jobs.reserve(rows.size());
    for (const Row& row : rows) {
        jobs.push_back(
            {text_at(row, 0),
             text_at(row, 1),
             text_at(row, 2),
             text_at(row, 3),
             instant_at(row, 4),
             instant_at(row, 5)});
    }
    return jobs;
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
