#include "thimble/store/retention.hpp"

#include "thimble/store/columns.hpp"

namespace thimble::store {
namespace {

/// No host has it as its inventory, no plan is it, no job gave it, no exception rests on it, no control was proven by
/// it.
constexpr const char* kIsUnnamed =
    "NOT EXISTS (SELECT 1 FROM host h WHERE h.inventory_digest = d.digest) AND NOT EXISTS (SELECT "
    "1 FROM host_plan p WHERE p.document = d.digest) AND NOT EXISTS (SELECT 1 FROM job j WHERE "
    "j.document = d.digest OR j.evidence = d.digest) AND NOT EXISTS (SELECT 1 FROM "
    "exception_evidence e WHERE e.document = d.digest) AND NOT EXISTS (SELECT 1 FROM control_check "
    "c WHERE c.document = d.digest)";

}  // namespace

Result<ForgottenRecords> forget_records(Connection& connection, Instant before, std::int64_t most) {
    const std::int64_t cut = seconds_of(before);
    ForgottenRecords forgotten;
    THIMBLE_TRY(
        forgotten.jobs,
        connection.execute(
            "DELETE FROM job WHERE id IN (SELECT j.id FROM job j WHERE j.created_at < :cut AND "
            "j.state NOT IN ('waiting', 'running') AND NOT EXISTS (SELECT 1 FROM deployment_host d "
            "WHERE d.job_id = j.id) AND EXISTS (SELECT 1 FROM job n WHERE n.host_id = j.host_id "
            "AND "
            "n.created_at > j.created_at) ORDER BY j.created_at LIMIT :most)",
            {cut, most}));
    THIMBLE_TRY(
        forgotten.reports,
        connection.execute(
            "DELETE FROM report WHERE (host_id, sequence) IN (SELECT r.host_id, r.sequence FROM "
            "report r WHERE r.received_at < :cut AND EXISTS (SELECT 1 FROM report n WHERE "
            "n.host_id "
            "= r.host_id AND n.sequence > r.sequence) ORDER BY r.received_at LIMIT :most)",
            {cut, most}));
    THIMBLE_TRY(
        forgotten.runs,
        connection.execute(
            "DELETE FROM host_run WHERE (host_id, run) IN (SELECT r.host_id, r.run FROM host_run r "
            "WHERE r.reported_at < :cut AND EXISTS (SELECT 1 FROM host_run n WHERE n.host_id = "
            "r.host_id AND n.reported_at > r.reported_at) ORDER BY r.reported_at LIMIT :most)",
            {cut, most}));
    THIMBLE_TRY(
        forgotten.plans,
        connection.execute(
            "DELETE FROM host_plan WHERE digest IN (SELECT p.digest FROM host_plan p WHERE "
            "p.created_at < :cut AND EXISTS (SELECT 1 FROM host_plan n WHERE n.host_id = p.host_id "
            "AND n.created_at > p.created_at) AND NOT EXISTS (SELECT 1 FROM deployment_host d "
            "WHERE "
            "d.plan_digest = p.digest) AND NOT EXISTS (SELECT 1 FROM host_run r WHERE "
            "r.plan_digest "
            "= p.digest) AND NOT EXISTS (SELECT 1 FROM job j WHERE j.plan_digest = p.digest) ORDER "
            "BY p.created_at LIMIT :most)",
            {cut, most}));
    THIMBLE_TRY(
        forgotten.proofs,
        connection.execute(
            "DELETE FROM control_check WHERE (control_id, host_id, number) IN (SELECT "
            "c.control_id, c.host_id, c.number FROM control_check c WHERE c.at < :cut AND EXISTS "
            "(SELECT 1 FROM control_check n WHERE n.control_id = c.control_id AND n.host_id = "
            "c.host_id AND n.number > c.number) ORDER BY c.at LIMIT :most)",
            {cut, most}));
    return forgotten;
}

Result<std::vector<std::string>> unnamed_documents(
    Connection& connection, Instant before, const std::string& after, std::int64_t most) {
    THIMBLE_TRY(
        const auto rows,
        connection.query(
            std::string("SELECT d.digest FROM inventory_document d WHERE d.stored_at < :before AND "
                        "d.digest > :after AND ")
                + kIsUnnamed + " ORDER BY d.digest LIMIT :most",
            {seconds_of(before), after, most}));
    std::vector<std::string> digests;
    digests.reserve(rows.size());
    for (const Row& row : rows) {
        digests.push_back(text_at(row, 0));
    }
    return digests;
}

Result<bool> forget_document(Connection& connection, const std::string& digest, Instant before) {
    THIMBLE_TRY(
        const std::int64_t gone,
        connection.execute(
            std::string("DELETE FROM inventory_document WHERE digest IN (SELECT d.digest FROM "
                        "inventory_document d WHERE d.digest = :digest AND d.stored_at < :before "
                        "AND ")
                + kIsUnnamed + ")",
            {digest, seconds_of(before)}));
    return gone == 1;
}

}  // namespace thimble::store
