#include "thimble/agent/agent_folder.hpp"
#include "thimble/agent/helper_serve.hpp"
#include "thimble/agent/scratch_folder_test.hpp"
#include "thimble/agent/state_file.hpp"
#include "thimble/base/digest.hpp"
#include "thimble/base/json_members.hpp"
#include "thimble/protocol/job_builder_test.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <optional>
#include <set>

namespace thimble::agent {
namespace {

namespace fs = std::filesystem;
using protocol::Job;
using protocol::JobKind;

constexpr std::chrono::seconds kPatience{30};

/// Stands still at 1500, within the time of the jobs.
class StoppedClock final : public Clock {
public:
    [[nodiscard]] Instant now() const override { return protocol::instant_of(1500); }
};

Job inventory_job() {
    Job job = protocol::apply_job();
    job.kind = JobKind::Inventory;
    job.plan_digest.clear();
    job.lease.clear();
    return job;
}

/// A host that has enrolled, and its root helper.
struct HelperRoom {
    ScratchFolder folder;
    protocol::SigningSeed seed = protocol::seed_of(1);
    StoppedClock clock;

    HelperRoom() {
        fs::create_directories(folder / "helper");
        fs::create_directories(folder / "root/etc");
        fs::create_directories(folder / "root/var/lib/dpkg");
        std::ofstream(folder / "root/etc/os-release") << "ID=debian\nVERSION_ID=\"12\"\n";
        std::ofstream(folder / "root/var/lib/dpkg/status")
            << "Package: t-lib\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n";
        EXPECT_TRUE(
            write_state_file(
                folder / "helper/identity.json",
                format_identity({.host = "host-1", .key = protocol::deployment_key_of(seed)}))
                .has_value());
    }
    [[nodiscard]] HelperOptions options() const {
        return {
            .state = folder / "helper",
            .socket = folder / "socket",
            .peer = 0,
            .peer_group = 0,
            .places =
                {.patch = "/nonexistent/thimble-patch",
                 .agent = THIMBLE_AGENT,
                 .state = (folder / "patch").string(),
                 .plans = (folder / "helper/plans").string(),
                 .root = (folder / "root").string(),
                 .control = (folder / "thimble-control").string()},
            .reboot =
                {.inhibitors = {}, .program = {(folder / "restart").string()}, .patience = {}},
            .hooks = {.folder = folder / "hooks", .owner = ::geteuid()}};
    }
    [[nodiscard]] RootHelper open() const {
        auto helper = RootHelper::open(options(), clock);
        EXPECT_TRUE(helper.has_value());
        return *std::move(helper);
    }
    /// Programs that leave a word in the log.
    void install_hooks() const {
        fs::create_directories(folder / "hooks");
        fs::permissions(folder / "hooks", fs::perms(0755));
        for (const char* name : {"hooks/out", "hooks/into", "restart"}) {
            std::ofstream(folder / name) << "#!/bin/sh\necho ${THIMBLE_PHASE:-restart} >> "
                                         << (folder / "log").string() << "\n";
            fs::permissions(folder / name, fs::perms(0755));
        }
    }
    /// A program in the place of thimble-control.
    void install_control(const std::string& script) const {
        std::ofstream(folder / "thimble-control") << "#!/bin/sh\n" << script << "\n";
        fs::permissions(folder / "thimble-control", fs::perms(0755));
    }
    [[nodiscard]] std::string log() const {
        std::ifstream file(folder / "log");
        std::string words;
        for (std::string word; file >> word;) {
            words += (words.empty() ? "" : " ") + word;
        }
        return words;
    }
    [[nodiscard]] std::string sealed(const Job& job) const {
        return protocol::format_envelope(protocol::seal(protocol::format_job(job), seed));
    }
};

/// Gives a challenge, takes what is to be sent as the grant.
using Grant = std::function<std::string(const std::string& challenge)>;

/// As a grant: the agent hangs up instead.
constexpr const char* kNoAnswer = "no answer";

/// What the helper answers to an envelope at last.
HelperAnswer ask(RootHelper& helper, const std::string& envelope, const Grant& grant = {}) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    const host::Descriptor ours(ends[0]);
    auto served = std::async(std::launch::async, [&helper, end = ends[1]] {
        HelperConversation agent{host::Descriptor(end)};
        helper.converse(agent);
    });
    EXPECT_TRUE(
        send_line(
            ours, format_helper_question({.kind = HelperQuestion::Kind::Job, .text = envelope}))
            .has_value());
    HelperAnswer last;
    LineBuffer lines;
    std::array<char, 4096> block{};
    for (ssize_t count = 0; (count = ::recv(ours.number(), block.data(), block.size(), 0)) > 0;) {
        const auto heard =
            lines.add(std::string_view(block.data(), static_cast<std::size_t>(count)));
        for (const std::string& line : *heard) {
            last = *parse_helper_answer(line);
            if (last.kind == HelperAnswer::Kind::Lease && grant && grant(last.text) == kNoAnswer) {
                ::shutdown(ours.number(), SHUT_WR);
            } else if (last.kind == HelperAnswer::Kind::Lease) {
                EXPECT_TRUE(send_line(
                                ours,
                                format_helper_question(
                                    {.kind = HelperQuestion::Kind::Grant,
                                     .text = grant ? grant(last.text) : std::string()}))
                                .has_value());
            }
        }
    }
    EXPECT_EQ(served.wait_for(kPatience), std::future_status::ready);
    return last;
}

std::string outcome_of(const HelperAnswer& answer) {
    if (answer.kind != HelperAnswer::Kind::Result) {
        return "no result: " + answer.text;
    }
    const auto document = parse_json(answer.text);
    return document ? JsonMembers(*document).text("outcome") : "not JSON";
}

Grant granting(
    const protocol::SigningSeed& seed,
    const std::string& lease = "lease-1",
    const std::string& approval = "") {
    return [seed, lease, approval](const std::string& challenge) {
        return protocol::format_envelope(protocol::seal(
            protocol::format_lease_grant(
                {.host = "host-1",
                 .job = "job-1",
                 .lease = lease,
                 .challenge = challenge,
                 .approval = approval}),
            seed));
    };
}

TEST(RootHelper, CarriesOutAJobThatIsSignedForThisHost) {
    const HelperRoom room;
    RootHelper helper = room.open();

    const HelperAnswer answer = ask(helper, room.sealed(inventory_job()));

    EXPECT_EQ(outcome_of(answer), "done") << answer.text;
    const auto content = parse_json(answer.text);
    const auto digests = JsonMembers(*content).texts("documents");
    ASSERT_EQ(digests.size(), 2U);
    const auto packages =
        read_state_file(room.folder / ("documents/document-" + digests[0] + ".json"), 4096);
    ASSERT_TRUE(packages.has_value());
    EXPECT_EQ(sha256_of(*packages), digests[0]);
    EXPECT_NE(packages->find("t-lib"), std::string::npos);
}

TEST(RootHelper, GivesTheKeptAnswerInsteadOfCarryingOutTwice) {
    const HelperRoom room;
    const std::string envelope = room.sealed(inventory_job());
    HelperAnswer first;
    {
        RootHelper helper = room.open();
        first = ask(helper, envelope);
    }
    fs::remove_all(room.folder / "root");

    RootHelper restarted = room.open();

    EXPECT_EQ(ask(restarted, envelope), first);
}

TEST(RootHelper, SaysThatItWasInterruptedWhenItWasKilledDuringAJob) {
    const HelperRoom room;
    const std::string envelope = room.sealed(inventory_job());
    {
        RootHelper helper = room.open();
        ask(helper, envelope);
    }
    // As a kill before the answer was kept would have left it.
    fs::remove_all(room.folder / "helper/answers");

    RootHelper restarted = room.open();

    EXPECT_EQ(outcome_of(ask(restarted, envelope)), "interrupted");
}

TEST(RootHelper, RefusesWhatIsNotSignedByItsOwnKey) {
    const HelperRoom room;
    RootHelper helper = room.open();

    const HelperAnswer answer =
        ask(helper,
            protocol::format_envelope(
                protocol::seal(protocol::format_job(inventory_job()), protocol::seed_of(2))));

    EXPECT_EQ(answer.kind, HelperAnswer::Kind::Refused);
    EXPECT_EQ(answer.text, "forged");
    EXPECT_EQ(ask(helper, "{}").text, "malformed");
}

TEST(RootHelper, RefusesAnotherHostsJob) {
    const HelperRoom room;
    RootHelper helper = room.open();
    Job job = inventory_job();
    job.host = "host-2";

    EXPECT_EQ(ask(helper, room.sealed(job)).text, "foreign");
}

TEST(RootHelper, BeginsNoChangeWithoutAGrant) {
    const HelperRoom room;
    RootHelper helper = room.open();

    const HelperAnswer answer = ask(helper, room.sealed(protocol::apply_job()));

    EXPECT_EQ(answer.kind, HelperAnswer::Kind::Refused);
    EXPECT_EQ(answer.text, "halted");
}

TEST(RootHelper, TakesAJobAgainOfWhichTheLeaseWasNotAnswered) {
    const HelperRoom room;
    RootHelper helper = room.open();
    const std::string envelope = room.sealed(protocol::apply_job());

    const HelperAnswer first = ask(helper, envelope, [](const std::string&) { return kNoAnswer; });
    const HelperAnswer second = ask(helper, envelope, granting(room.seed));

    EXPECT_EQ(first.text, "unanswered");
    EXPECT_EQ(outcome_of(second), "failed");  // there is no such plan here: it went on
}

TEST(RootHelper, NeverTakesAJobAgainOfWhichTheLeaseWasRefused) {
    const HelperRoom room;
    RootHelper helper = room.open();
    const std::string envelope = room.sealed(protocol::apply_job());
    EXPECT_EQ(ask(helper, envelope).text, "halted");

    EXPECT_EQ(ask(helper, envelope, granting(room.seed)).text, "halted");
}

TEST(RootHelper, BeginsNoChangeWithAGrantOfAnotherKeyLeaseOrQuestion) {
    const std::vector<std::pair<Grant, std::string>> grants{
        {granting(protocol::seed_of(2)), "forged"},
        {granting(protocol::seed_of(1), "lease-2"), "halted"},
        {[](const std::string&) { return granting(protocol::seed_of(1))("abc"); }, "halted"}};
    for (const auto& [grant, refusal] : grants) {
        const HelperRoom room;
        RootHelper helper = room.open();
        EXPECT_EQ(ask(helper, room.sealed(protocol::apply_job()), grant).text, refusal);
    }
}

Job control_job() {
    Job job = protocol::apply_job();
    job.kind = JobKind::DeployControl;
    job.plan_digest.clear();
    const std::string document = R"({"format":"thimble.control/1"})";
    job.control = protocol::JobControl{"control-1", sha256_of(document), document};
    return job;
}

TEST(RootHelper, HandsTheDocumentOfAControlToTheProgramThatPutsItUp) {
    const HelperRoom room;
    room.install_control(R"(cat "$3"; echo "$2 $4 $5" >&2)");
    RootHelper helper = room.open();

    const HelperAnswer answer = ask(helper, room.sealed(control_job()), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "done") << answer.text;
    const auto content = parse_json(answer.text);
    EXPECT_EQ(JsonMembers(*content).text("output"), control_job().control->document);
    EXPECT_EQ(JsonMembers(*content).texts("documents").size(), 1U) << "the report";
}

TEST(RootHelper, BringsAControlIntoOrderWhenItWasKilledOverIt) {
    const HelperRoom room;
    room.install_control(R"(echo "$2")");
    {
        RootHelper helper = room.open();
        ask(helper, room.sealed(control_job()), granting(room.seed));
    }
    fs::remove_all(room.folder / "helper/answers");  // as a kill before it would have left it

    RootHelper restarted = room.open();
    const HelperAnswer answer = ask(restarted, room.sealed(control_job()));

    EXPECT_EQ(outcome_of(answer), "interrupted");
    EXPECT_NE(answer.text.find("recover"), std::string::npos) << answer.text;
}

Job probe_job(std::uint64_t number) {
    Job job = control_job();
    job.kind = JobKind::ProbeControl;
    job.id = "probe-" + std::to_string(number);
    job.sequence = number;
    job.lease.clear();
    job.control->document.clear();
    job.probe = protocol::JobProbe{false, "10.0.0.7", 8080};
    return job;
}

TEST(RootHelper, TriesPortsOfOthersSoOftenInAMinute) {
    const HelperRoom room;
    room.install_control(R"(shift; echo "$*")");
    RootHelper helper = room.open();
    for (std::uint64_t number = 1; number <= 30; ++number) {
        const HelperAnswer answer = ask(helper, room.sealed(probe_job(number)));
        ASSERT_EQ(outcome_of(answer), "done") << answer.text;
        EXPECT_NE(answer.text.find("--from refused --address 10.0.0.7"), std::string::npos)
            << answer.text;
    }
    const HelperAnswer answer = ask(helper, room.sealed(probe_job(31)));

    EXPECT_EQ(outcome_of(answer), "failed");
    EXPECT_NE(answer.text.find("as many ports"), std::string::npos) << answer.text;
}

TEST(RootHelper, SaysThatItsHostHasNoProgramForControls) {
    const HelperRoom room;
    HelperOptions options = room.options();
    options.places.control.clear();
    auto helper = RootHelper::open(options, room.clock);
    ASSERT_TRUE(helper.has_value());

    const HelperAnswer answer = ask(*helper, room.sealed(control_job()), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "failed");
    EXPECT_NE(answer.text.find("no thimble-control"), std::string::npos) << answer.text;
}

Job hooked(JobKind kind) {
    Job job = protocol::apply_job();
    job.kind = kind;
    if (kind == JobKind::Reboot) {
        job.plan_digest.clear();
    }
    const std::chrono::seconds limit{60};
    job.hooks = protocol::JobHooks{
        "d1",
        {{model::HookStep::Drain, "out", limit, model::HookFailure::SkipHost},
         {model::HookStep::Undrain, "into", limit, model::HookFailure::FailHost}}};
    return job;
}

TEST(RootHelper, BringsAHostBackIntoServiceAfterAChangeThatFailed) {
    const HelperRoom room;
    room.install_hooks();
    RootHelper helper = room.open();

    const HelperAnswer answer =
        ask(helper, room.sealed(hooked(JobKind::Apply)), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "failed") << "there is no such plan";
    EXPECT_EQ(room.log(), "drain undrain");
    EXPECT_NE(
        answer.text.find(R"("step":"undrain","name":"into","ended":"done")"), std::string::npos)
        << answer.text;
}

TEST(RootHelper, AsksForTheLeaseAgainWhenItsHooksHaveRun) {
    const HelperRoom room;
    room.install_hooks();
    RootHelper helper = room.open();
    std::set<std::string> asked;
    const Grant once = [&](const std::string& drawn) {
        asked.insert(drawn);
        return asked.size() == 1 ? granting(room.seed)(drawn) : std::string();
    };

    const HelperAnswer answer = ask(helper, room.sealed(hooked(JobKind::Reboot)), once);

    EXPECT_EQ(answer.text, "halted");
    EXPECT_EQ(asked.size(), 2U);
    EXPECT_EQ(room.log(), "drain undrain") << "no restart";
}

TEST(RootHelper, ChangesNothingWhenAHookBeforeFails) {
    const HelperRoom room;
    room.install_hooks();
    fs::remove(room.folder / "hooks/out");
    RootHelper helper = room.open();

    const HelperAnswer answer =
        ask(helper, room.sealed(hooked(JobKind::Reboot)), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "failed");
    EXPECT_EQ(room.log(), "undrain");
    EXPECT_NE(answer.text.find("must be a plain file"), std::string::npos) << answer.text;
}

TEST(RootHelper, LeavesAHostThatRestartsOutOfServiceUntilItIsVerified) {
    const HelperRoom room;
    room.install_hooks();
    fs::create_directories(room.folder / "root/proc/sys/kernel/random");
    const std::string boot = (room.folder / "root/proc/sys/kernel/random/boot_id").string();
    std::ofstream(boot) << "one\n";
    std::ofstream(room.folder / "restart", std::ios::app) << "echo two > " << boot << "\n";
    const std::string envelope = room.sealed(hooked(JobKind::Reboot));
    {
        RootHelper helper = room.open();
        const HelperAnswer answer = ask(helper, envelope, granting(room.seed));
        EXPECT_EQ(outcome_of(answer), "done") << answer.text;
        EXPECT_NE(answer.text.find(R"("before":"one","after":"two")"), std::string::npos);
    }
    EXPECT_EQ(room.log(), "drain restart");

    // As a restart in earnest leaves it: the helper was killed before it had an answer.
    fs::remove_all(room.folder / "helper/answers");
    RootHelper after = room.open();
    EXPECT_EQ(outcome_of(ask(after, envelope)), "done");
    std::ofstream(boot) << "one\n";
    fs::remove_all(room.folder / "helper/answers");
    RootHelper still = room.open();
    EXPECT_EQ(outcome_of(ask(still, envelope)), "failed") << "the machine is up since before";
    EXPECT_EQ(room.log(), "drain restart undrain");
}

TEST(RootHelper, BringsAHostBackIntoServiceThatAKillLeftOut) {
    const HelperRoom room;
    room.install_hooks();
    const std::string envelope = room.sealed(hooked(JobKind::Apply));
    {
        RootHelper helper = room.open();
        ask(helper, envelope, granting(room.seed));
    }
    fs::remove_all(room.folder / "helper/answers");
    fs::remove(room.folder / "log");

    RootHelper restarted = room.open();

    EXPECT_EQ(outcome_of(ask(restarted, envelope)), "interrupted");
    EXPECT_EQ(room.log(), "undrain");
}

TEST(RootHelper, AppliesNoPlanThatWasNotFrozenHere) {
    const HelperRoom room;
    RootHelper helper = room.open();

    const HelperAnswer answer =
        ask(helper, room.sealed(protocol::apply_job()), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "failed");
    EXPECT_NE(answer.text.find("no such plan"), std::string::npos) << answer.text;
}

TEST(RootHelper, DropsThePlansThatAreOldestAndNoControl) {
    const HelperRoom room;
    const fs::path plans = room.folder / "helper/plans";
    RootHelper helper = room.open();
    const auto keep = [&](const std::string& name, int age) {
        std::ofstream(plans / name) << "{}";
        fs::last_write_time(
            plans / name, fs::file_time_type::clock::now() - std::chrono::hours(age));
    };
    keep("control-" + sha256_of("a control") + ".json", 1000);
    for (int age = 0; age < 202; ++age) {
        keep(sha256_of(std::to_string(age)) + ".json", age);
    }
    ask(helper, room.sealed(protocol::apply_job()), granting(room.seed));
    EXPECT_EQ(std::distance(fs::directory_iterator(plans), fs::directory_iterator()), 201);
    EXPECT_FALSE(fs::exists(plans / (sha256_of("200") + ".json")));
    EXPECT_TRUE(fs::exists(plans / ("control-" + sha256_of("a control") + ".json")));
}

TEST(RootHelper, AppliesNoPlanWhoseFileNamesAnotherDigest) {
    const HelperRoom room;
    RootHelper helper = room.open();
    const Job job = protocol::apply_job();
    std::ofstream(room.folder / ("helper/plans/" + job.plan_digest + ".json"))
        << R"({"digest":")" << sha256_of("another") << "\"}";

    EXPECT_NE(
        ask(helper, room.sealed(job), granting(room.seed)).text.find("no such plan"),
        std::string::npos);
}

/// A program that says with which arguments it was started, in place of thimble-patch.
std::string asked_of_patch(const HelperRoom& room, const std::string& approvers) {
    HelperOptions options = room.options();
    options.places.patch = "/bin/echo";
    options.places.approvers = approvers;
    RootHelper helper = *RootHelper::open(options, room.clock);
    const Job job = protocol::apply_job();
    std::ofstream(room.folder / ("helper/plans/" + job.plan_digest + ".json"))
        << R"({"digest":")" << job.plan_digest << "\"}";
    return ask(helper, room.sealed(job), granting(room.seed, "lease-1", "the evidence")).text;
}

/// A run of a plan, and what it has kept; empty: no evidence.
void keep_run(
    const HelperRoom& room,
    const std::string& run,
    const std::string& plan,
    const std::string& evidence) {
    const fs::path folder = room.folder / "patch/runs" / run;
    fs::create_directories(folder);
    std::ofstream(folder / "plan.json") << R"({"digest":")" << plan << "\"}";
    if (!evidence.empty()) {
        std::ofstream(folder / "evidence.json") << evidence;
    }
}

TEST(RootHelper, OffersTheEvidenceOfTheNewestRunOfThePlan) {
    const HelperRoom room;
    const std::string plan = protocol::apply_job().plan_digest;
    keep_run(room, "20261124T111500Z-00", plan, "{\"old\":1}");
    keep_run(room, "20261124T111500Z-01", plan, "{\"new\":1}");
    keep_run(room, "20261124T111500Z-02", sha256_of("another"), "{\"another\":1}");

    const std::string answer = asked_of_patch(room, "");

    const std::string digest = sha256_of("{\"new\":1}");
    EXPECT_NE(
        answer.find(R"("documents":[")" + digest + R"("],"evidence":")" + digest),
        std::string::npos)
        << answer;
    EXPECT_EQ(
        *read_state_file(room.folder / ("documents/document-" + digest + ".json"), 4096),
        "{\"new\":1}");
}

TEST(RootHelper, OffersNoEvidenceOfAnEarlierRun) {
    const HelperRoom room;
    const std::string plan = protocol::apply_job().plan_digest;
    keep_run(room, "20261124T111500Z-00", plan, "{}");
    keep_run(room, "20261124T111500Z-01", plan, "");

    EXPECT_EQ(asked_of_patch(room, "").find("evidence\":"), std::string::npos);
}

TEST(RootHelper, AsksForSignaturesWhereTheOwnerKeepsAList) {
    const HelperRoom room;
    const std::string list = (room.folder / "approvers").string();
    EXPECT_EQ(asked_of_patch(room, list).find("--approvers"), std::string::npos);

    const HelperRoom strict;
    const std::string kept = (strict.folder / "approvers").string();
    std::ofstream(kept) << "anna ssh-ed25519 AAAA\n";
    const std::string asked = asked_of_patch(strict, kept);

    EXPECT_NE(asked.find("--approvers " + kept + " --approvals 1"), std::string::npos) << asked;
    EXPECT_EQ(*read_state_file(strict.folder / "helper/approval.json", 4096), "the evidence");
}

TEST(RootHelper, PutsNoControlUpWhereTheOwnerKeepsAList) {
    const HelperRoom room;
    room.install_control("touch \"${0%/*}/was-run\"");
    std::ofstream(room.folder / "approvers") << "anna ssh-ed25519 AAAA\n";
    HelperOptions options = room.options();
    options.places.approvers = (room.folder / "approvers").string();
    RootHelper helper = *RootHelper::open(options, room.clock);

    const HelperAnswer answer = ask(helper, room.sealed(control_job()), granting(room.seed));

    EXPECT_EQ(outcome_of(answer), "failed");
    EXPECT_FALSE(fs::exists(room.folder / "was-run"));
}

}  // namespace
}  // namespace thimble::agent
