#pragma once
/// @file What an agent and its server say to each other, apart from signed content and documents.
/// JSON; the pages docs/formats/agent-protocol.md and docs/formats/job.md say more.

#include "thimble/base/instant.hpp"
#include "thimble/base/result.hpp"
#include "thimble/protocol/envelope.hpp"
#include "thimble/protocol/signing.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace thimble::protocol {

/// POST /agent/v1/enrol, with a token of which the authority was checked by the connection.
struct EnrolRequest {
    std::string token_id;
    std::string secret;
    std::string signing_request;  ///< PEM, PKCS #10
    std::string host_name;
    std::string operating_system;  ///< "Debian 12"
    std::string architecture;
    std::string agent_version;
    /// A digest; empty: not told. NOLINTNEXTLINE(readability-redundant-member-init): left out by tests
    std::string machine = {};
    /// "agent" or "ssh". NOLINTNEXTLINE(readability-redundant-member-init): likewise
    std::string reach = "agent";
    bool operator==(const EnrolRequest&) const = default;
};

/// The answer to an enrolment, and to POST /agent/v1/certificate, which renews.
struct CertificateAnswer {
    std::string host;         ///< id, also the common name; empty in the answer to a renewal
    std::string certificate;  ///< PEM
    std::string authority;    ///< PEM
    DeploymentKey deployment_key;
    bool operator==(const CertificateAnswer&) const = default;
};

/// POST /agent/v1/check-in: hashes alone.
struct CheckIn {
    std::string inventory;  ///< SHA-256 of the inventory document; empty: none yet
    std::string packages;   ///< SHA-256 of the package list it refers to; empty likewise
    std::string boot_id;
    std::string agent_version;
    std::uint64_t sequence = 0;  ///< rises with each check-in of one boot
    bool operator==(const CheckIn&) const = default;
};

/// A job as it waits for its host.
struct WaitingJob {
    std::string id;
    Envelope envelope;
    bool operator==(const WaitingJob&) const = default;
};

/// Whether everything is halted, and what there is to do.
struct Work {
    bool halted = false;
    std::uint64_t halt = 0;        ///< rises with each halt and each end of one
    std::vector<WaitingJob> jobs;  ///< oldest first; those that cannot be read are left out
    bool operator==(const Work&) const = default;
};

/// The answer of GET /agent/v1/jobs where there is something to say.
struct PollAnswer {
    Work work;
    std::chrono::seconds interval{60};  ///< as that of a check-in
    bool wants_check_in = false;        ///< the server does not know the facts that were named
    bool operator==(const PollAnswer&) const = default;
};

struct CheckInAnswer {
    std::vector<std::string> needs;     ///< digests of documents that the server does not have
    std::uint64_t report_sequence = 0;  ///< of the last report that the server has
    std::chrono::seconds interval{60};  ///< 10 s to a day, whatever the server said
    Work work;
    bool operator==(const CheckInAnswer&) const = default;
};

/// Something that a host reports, in the order of its sequence, once.
struct Report {
    std::uint64_t sequence = 0;  ///< 1, 2, 3 … for the life of the host
    std::string kind;            ///< "job.progress", "job.result", "job.refused", "job.finished"
    std::string content;         ///< at most kMaxReportBytes
    bool operator==(const Report&) const = default;
};

/// What a problem of RFC 9457 says, as far as it decides.
struct Problem {
    std::string code;
    std::string detail;
    bool operator==(const Problem&) const = default;
};

/// POST /agent/v1/leases. The answer is the text of an envelope with a LeaseGrant; 409: halted.
struct LeaseQuestion {
    std::string job;
    std::string lease;
    std::string challenge;
    bool operator==(const LeaseQuestion&) const = default;
};

/// In each request of an agent: its own address on the connection.
constexpr std::string_view kOwnAddressHeader = "thimble-address";

constexpr std::size_t kMaxMessageBytes = std::size_t{4} << 20;  ///< of any text here
constexpr std::size_t kMaxReports = 256;                        ///< of one message
constexpr std::size_t kMaxReportBytes = std::size_t{64} << 10;  ///< of the content of one report
constexpr std::size_t kMaxReportsBytes = std::size_t{3} << 20;  ///< of all contents of one message
constexpr std::size_t kMaxWaitingJobs = 16;

std::string format_enrol_request(const EnrolRequest& request);
std::string format_renewal(std::string_view signing_request);
std::string format_check_in(const CheckIn& check_in);
/// What a check-in says but for its sequence, in 16 hexadecimal digits: who waits for jobs says by it that all is as it was.
std::string facts_digest(const CheckIn& check_in);
std::string format_reports(std::span<const Report> reports);
std::string format_lease_question(const LeaseQuestion& question);
/// One report by itself, as the journal keeps it.
std::string format_report(const Report& report);
/// As the server writes it.
std::string format_poll_answer(const PollAnswer& answer);

// Each refuses what is too long, too many or not of the type; unknown members are passed over.
// @error Corrupt "protocol.bad_message" names the member
Result<CertificateAnswer> parse_certificate_answer(std::string_view text);
Result<CheckInAnswer> parse_check_in_answer(std::string_view text);
Result<PollAnswer> parse_poll_answer(std::string_view text);
Result<std::uint64_t> parse_reports_answer(
    std::string_view text);  ///< the last that the server has
Result<LeaseQuestion> parse_lease_question(std::string_view text);
Result<Report> parse_report(std::string_view text);
Result<Problem> parse_problem(std::string_view text);

}  // namespace thimble::protocol
