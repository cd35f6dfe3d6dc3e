// What `thimble patches` says of hosts with a real agent is what `thimble scan` says of the same root.
#include "thimble/base/json_members.hpp"
#include "thimble/cli/running_server_test.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

namespace thimble {
namespace {

namespace fs = std::filesystem;
using cli::RunningServer;
using cli::ScratchFolder;
using cli::TestOutcome;
using cli::TestProgram;

/// The programs find state and configuration in `folder`.
const ScratchFolder& in_environment(const ScratchFolder& folder) {
    ::setenv("THIMBLE_STATE", (folder / "state").c_str(), 1);
    ::setenv("THIMBLE_CONFIG", (folder / "config").c_str(), 1);
    return folder;
}

TestOutcome thimble(std::vector<std::string> words) {
    words.insert(words.begin(), THIMBLE);
    return TestProgram(std::move(words)).rest();
}

/// With a file as the standard input.
TestOutcome thimble_with_input(const fs::path& input, std::vector<std::string> words) {
    words.insert(
        words.begin(),
        {"/bin/sh",
         "-c",
         R"(input=$1; shift; exec "$@" <"$input")",
         "sh",
         input.string(),
         THIMBLE});
    return TestProgram(std::move(words)).rest();
}

/// A server with a catalog, and somebody who has logged in.
struct Fleet {
    ScratchFolder folder;
    bool has_catalog = (in_environment(folder), build_catalog());
    RunningServer server{folder / "data"};
    std::string enrol_line;

    Fleet() {
        server.let_admin_in();
        const std::string token = cli::make_enrolment_token(server, false);
        const std::size_t start = token.find('.') + 1;
        std::ofstream(folder / "answers") << "admin\ncorrect horse battery\n";
        pin = token.substr(start, token.find('.', start) - start);
        const TestOutcome done =
            thimble_with_input(folder / "answers", {"login", server.address(), "--pin", pin});
        EXPECT_EQ(done.status, 0) << done.output;
        enrol_line = thimble({"tokens", "enrol", "--group", "lab", "--reusable"}).output;
    }
    [[nodiscard]] bool build_catalog() const {
        fs::create_directories(folder / "state");
        const std::string feeds = THIMBLE_SCENARIO "/feeds/";
        const TestOutcome built = thimble(
            {"catalog",
             "build",
             "--feed",
             "osv=" + feeds + "osv",
             "--feed",
             "kev=" + feeds + "known_exploited_vulnerabilities.json",
             "--output",
             (folder / "state/catalog.thimble").string()});
        EXPECT_EQ(built.status, 0) << built.output;
        return built.status == 0;
    }
    /// Enrols a root by the printed line, lets its agent check in, and waits until it is judged.
    [[nodiscard]] std::string judged_host(
        const std::string& name, const fs::path& root, const std::string& called = "web1") {
        std::istringstream words(enrol_line);
        std::string program;
        std::string verb;
        std::string url;
        std::string token;
        words >> program >> verb >> url >> token;
        EXPECT_EQ(program + " " + verb, "thimble-agent enrol") << enrol_line;
        const std::string state = (folder / name).string();
        const TestOutcome enrolled = TestProgram({THIMBLE_AGENT,
                                                  verb,
                                                  url,
                                                  token,
                                                  "--state",
                                                  state,
                                                  "--helper-state",
                                                  state + "-helper",
                                                  "--name",
                                                  called})
                                         .rest();
        EXPECT_EQ(enrolled.status, 0) << enrolled.output;
        const std::string id = enrolled.output.substr(std::string_view("This host is ").size(), 32);
        const TestOutcome checked_in =
            TestProgram({THIMBLE_AGENT, "check-in", "--state", state, "--root", root.string()})
                .rest();
        EXPECT_EQ(checked_in.status, 0) << checked_in.output;
        const std::string judged = R"("fleet.judge","subject":")" + id;
        EXPECT_NE(
            server.stream_until({"GET", "/api/v1/events", "", {"Last-Event-ID: 0"}}, judged)
                .find(judged),
            std::string::npos);
        return id;
    }

    std::string pin;
};

/// What both say of a patch, in one order.
std::vector<std::string> patches_of(const std::string& json, bool is_scan) {
    const auto document = parse_json(json);
    EXPECT_TRUE(document) << json;
    std::vector<std::string> said;
    JsonMembers root(*document);
    for (const JsonValue& value : root.array("patches")) {
        JsonMembers patch(value);
        std::string text;
        for (const char* name :
             {"source", "from", "to", "due", "outcome", "rule", "state", "restart"}) {
            text += patch.text_or_null(name) + "|";
        }
        for (const char* name : {"kev", "exploited", "public_exploit"}) {
            text += patch.boolean(name) ? "1|" : "0|";
        }
        for (const std::string& id : patch.texts("vulnerabilities")) {
            text += id + " ";
        }
        if (!is_scan) {
            text += patch.text_or_null("blocker");
        } else if (!patch.is_null("blocker")) {
            text += JsonMembers(patch.member("blocker")).text("kind");
        }
        EXPECT_TRUE(patch.done()) << patch.done().error().text();
        said.push_back(text);
    }
    return said;
}

/// The five numbers of an object.
std::vector<std::int64_t> numbers_of(const JsonValue& value) {
    JsonMembers members(value);
    std::vector<std::int64_t> numbers;
    for (const char* name : {"overdue", "exploited", "pending", "blocked", "unknown"}) {
        numbers.push_back(members.number(name));
    }
    return numbers;
}

std::vector<std::int64_t> numbers_of_host(const std::string& hosts, const std::string& id) {
    const auto document = parse_json(hosts);
    JsonMembers root(*document);
    for (const JsonValue& value : root.array("hosts")) {
        if (JsonMembers(value).text("id") == id) {
            return numbers_of(value);
        }
    }
    return {};
}

std::string scan_of(const fs::path& root) {
    return thimble({"scan", "--root", root.string(), "--no-offers", "--json"}).output;
}

/// The vulnerabilities of all patches that `thimble patches --host` told of.
std::vector<std::string> vulnerabilities_of(const std::string& json) {
    const auto document = parse_json(json);
    EXPECT_TRUE(document) << json;
    std::vector<std::string> ids;
    JsonMembers root(*document);
    for (const JsonValue& value : root.array("patches")) {
        for (const std::string& id : JsonMembers(value).texts("vulnerabilities")) {
            ids.push_back(id);
        }
    }
    return ids;
}

}  // namespace

TEST(Fleet, SaysOfEachHostWhatAScanOfItsRootSays) {
    Fleet fleet;
    const fs::path first = THIMBLE_SCENARIO "/root";
    const fs::path second = fleet.folder / "second";
    fs::create_directories(second / "var/lib/dpkg");
    fs::create_directories(second / "etc");
    fs::copy_file(first / "etc/os-release", second / "etc/os-release");
    std::ofstream(second / "var/lib/dpkg/status")
        << "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: "
           "7.88.1-10+deb12u4\n\n";

    const std::string first_id = fleet.judged_host("first", first);
    const std::string second_id = fleet.judged_host("second-agent", second);

    std::size_t compared = 0;
    const std::string hosts = thimble({"hosts", "--json"}).output;
    for (const auto& [id, root] : {std::pair(first_id, first), std::pair(second_id, second)}) {
        const std::string scan = scan_of(root);
        const TestOutcome told = TestProgram({"/bin/sh",
                                              "-c",
                                              R"(exec "$0" "$@" 2>/dev/null)",
                                              THIMBLE,
                                              "patches",
                                              "--host",
                                              id,
                                              "--json"})
                                     .rest();
        EXPECT_EQ(patches_of(told.output, false), patches_of(scan, true));
        EXPECT_EQ(told.status, patches_of(scan, true).empty() ? 2 : 1) << told.output;
        const auto document = parse_json(scan);
        JsonMembers members(*document);
        EXPECT_EQ(numbers_of_host(hosts, id), numbers_of(members.member("summary")));
        compared += patches_of(scan, true).size();
    }
    EXPECT_GT(compared, 2U);
    const TestOutcome table = thimble({"patches"});
    EXPECT_EQ(table.status, 1);
    EXPECT_NE(table.output.find("SOURCE"), std::string::npos) << table.output;
}

TEST(Fleet, NamesAHostForEachVulnerabilityOfItsPatches) {
    Fleet fleet;
    const std::string id = fleet.judged_host("first", THIMBLE_SCENARIO "/root");
    const std::string patches = TestProgram({"/bin/sh",
                                             "-c",
                                             R"(exec "$0" "$@" 2>/dev/null)",
                                             THIMBLE,
                                             "patches",
                                             "--host",
                                             id,
                                             "--json"})
                                    .rest()
                                    .output;

    const std::vector<std::string> vulnerabilities = vulnerabilities_of(patches);

    EXPECT_FALSE(vulnerabilities.empty());
    for (const std::string& vulnerability : vulnerabilities) {
        const TestOutcome affected = thimble({"affected", vulnerability, "--json"});
        EXPECT_EQ(affected.status, 1) << vulnerability;
        EXPECT_NE(affected.output.find(id), std::string::npos) << affected.output;
    }
    EXPECT_EQ(thimble({"affected", "CVE-1999-99999"}).status, 2);
    std::string lower = vulnerabilities.front();
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    EXPECT_EQ(thimble({"affected", lower}).status, 1) << lower;
    EXPECT_EQ(thimble({"findings", "--vulnerability", lower}).status, 1) << lower;
    EXPECT_EQ(thimble({"affected", "foo"}).status, 64);
    EXPECT_EQ(thimble({"control", "propose", "foo"}).status, 64);
    const TestOutcome unnamed = thimble({"control", "propose", "CVE-1999-99999"});
    EXPECT_EQ(unnamed.status, 66) << unnamed.output;
    EXPECT_TRUE(unnamed.output.contains("client.no_vulnerability")) << unnamed.output;
    const TestOutcome proposed = thimble({"control", "propose", vulnerabilities.front()});
    EXPECT_TRUE(proposed.output.contains(" on web1")) << proposed.output;
}

TEST(Fleet, ALoginBelievesThePinnedAuthorityAlone) {
    const Fleet fleet;
    std::string wrong = fleet.pin;
    wrong[0] = wrong[0] == 'A' ? 'B' : 'A';
    const fs::path answers = fleet.folder / "answers";
    const std::string address = fleet.server.address();

    const TestOutcome foreign = thimble_with_input(answers, {"login", address, "--pin", wrong});
    const TestOutcome unpinned = thimble_with_input(answers, {"login", address});

    EXPECT_EQ(foreign.status, 77) << foreign.output;
    EXPECT_EQ(unpinned.status, 77) << unpinned.output;
    EXPECT_NE(unpinned.words().find("thimble server check"), std::string::npos) << unpinned.output;
    EXPECT_EQ(unpinned.output.find("Password"), std::string::npos) << unpinned.output;
    EXPECT_NE(
        foreign.words().find("does not show the authority that --pin names"), std::string::npos)
        << foreign.output;
    struct stat info{};
    ASSERT_EQ(::stat((fleet.folder / "config/fleet.json").c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(Fleet, AWrongPasswordIsDeniedAndAnEmptyFleetIsNotFine) {
    const Fleet fleet;
    std::ofstream(fleet.folder / "wrong") << "admin\nnot the password at all\n";
    std::ofstream(fleet.folder / "token") << "not-a-token\n";
    const std::vector<std::string> login{"login", fleet.server.address(), "--pin", fleet.pin};

    EXPECT_EQ(thimble_with_input(fleet.folder / "wrong", login).status, 77);
    std::vector<std::string> with_token = login;
    with_token.emplace_back("--token-stdin");
    EXPECT_EQ(thimble_with_input(fleet.folder / "token", with_token).status, 77);
    EXPECT_EQ(thimble({"hosts"}).status, 2);
    EXPECT_EQ(thimble({"patches", "--host", "nobody"}).status, 66);
}

TEST(Fleet, AHostIsNamedTaggedMovedAndRemoved) {
    Fleet fleet;
    const std::string id = fleet.judged_host("first", THIMBLE_SCENARIO "/root", "web1");
    const std::string other = fleet.judged_host("second", THIMBLE_SCENARIO "/root", "web2");
    const auto output_of = [](std::vector<std::string> words) {
        const TestOutcome done = thimble(std::move(words));
        EXPECT_EQ(done.status, 0) << done.output;
        return done.output;
    };

    EXPECT_NE(
        output_of({"hosts", "tag", "web1", "+edge", "env=prod"}).find("web1: edge,env=prod"),
        std::string::npos);
    EXPECT_NE(
        output_of({"hosts", "tag", id.substr(0, 8), "-edge"}).find("web1: env=prod"),
        std::string::npos);
    EXPECT_EQ(thimble({"hosts", "tag", "web1", "--force"}).status, 64);
    EXPECT_NE(thimble({"hosts", "--where", "name=web2"}).output.find("1 host"), std::string::npos);
    EXPECT_EQ(thimble({"hosts", "--where", "web2"}).status, 64);
    const TestOutcome tagged = thimble({"hosts", "--tag", "env=prod"});
    EXPECT_NE(tagged.output.find("web1 "), std::string::npos) << tagged.output;
    EXPECT_EQ(tagged.output.find("web2 "), std::string::npos) << tagged.output;
    output_of({"hosts", "move", "web2", "db", "--why", "it is one"});
    EXPECT_NE(output_of({"groups", "--where", "name=db"}).find("db "), std::string::npos);
    output_of({"hosts", "remove", other, "--why", "sold"});
    EXPECT_EQ(thimble({"hosts", "remove", "web2"}).status, 66);
    const TestOutcome mistyped = thimble({"hosts", "remov", "web1"});
    EXPECT_EQ(mistyped.status, 64);
    EXPECT_NE(mistyped.output.find("Did you mean \"thimble hosts remove\""), std::string::npos);
}

TEST(Fleet, TheSameMachineUnderTheSameNameIsTheLaterEnrolment) {
    Fleet fleet;
    if (!fs::exists("/etc/machine-id") || fs::file_size("/etc/machine-id") == 0) {
        GTEST_SKIP() << "this machine has no id";
    }
    const std::string first = fleet.judged_host("first", THIMBLE_SCENARIO "/root", "web1");
    const std::string second = fleet.judged_host("second", THIMBLE_SCENARIO "/root", "web1");

    const TestOutcome hosts = thimble({"hosts"});

    EXPECT_NE(hosts.output.find("enrolled again as " + second.substr(0, 8)), std::string::npos)
        << hosts.output;
    EXPECT_NE(hosts.output.find("thimble hosts remove " + first.substr(0, 8)), std::string::npos);
    // The name alone means the later one.
    EXPECT_EQ(thimble({"hosts", "remove", "web1"}).status, 0);
    EXPECT_NE(thimble({"hosts", "--json"}).output.find(first), std::string::npos);
}

TEST(Fleet, ListsWhatIsOpenOnAHostAndOnAll) {
    Fleet fleet;
    const std::string id = fleet.judged_host("first", THIMBLE_SCENARIO "/root");

    const TestOutcome all = thimble({"vulnerabilities", "--json"});
    const TestOutcome findings = thimble({"findings", "--host", id});

    EXPECT_EQ(all.status, 1) << all.output;
    EXPECT_EQ(findings.status, 1) << findings.output;
    const auto document = parse_json(all.output);
    ASSERT_TRUE(document) << all.output;
    JsonMembers members(*document);
    const JsonValue::Array& items = members.array("vulnerabilities");
    ASSERT_FALSE(items.empty());
    // Each is found again on the host, and in no more packages than there are findings.
    for (const JsonValue& item : items) {
        const std::string vulnerability = JsonMembers(item).text("id");
        const TestOutcome where = thimble({"findings", "--vulnerability", vulnerability, "--json"});
        EXPECT_EQ(where.status, 1) << vulnerability;
        EXPECT_NE(where.output.find(id + " "), std::string::npos) << where.output;
    }
    EXPECT_LT(findings.output.find("CVE-2026-0003"), findings.output.find("CVE-2026-0001"))
        << "what is exploited comes first: " << findings.output;
    EXPECT_EQ(thimble({"findings"}).status, 64);
    EXPECT_EQ(thimble({"advisories", "--sort", "id"}).status, 1);
    EXPECT_NE(
        thimble({"packages", "--where", "name.prefix=c"}).output.find("Debian:12"),
        std::string::npos);
    EXPECT_NE(thimble({"feed-states"}).output.find("osv"), std::string::npos);
    EXPECT_EQ(thimble({"packages", "--where", "nothing=1"}).status, 64);
}

TEST(Fleet, AHaltIsSeenByWhoLooksAtHosts) {
    const Fleet fleet;
    EXPECT_EQ(thimble({"halt", "status"}).status, 0);

    EXPECT_EQ(thimble({"halt", "begin", "--why", "the shop is on fire"}).status, 0);
    const TestOutcome again = thimble({"halt", "begin", "--why", "another"});
    EXPECT_EQ(again.status, 75);
    EXPECT_NE(again.words().find("the shop is on fire"), std::string::npos) << again.output;

    EXPECT_EQ(thimble({"halt", "status"}).status, 1);
    for (const char* command : {"hosts", "jobs", "deployments"}) {
        const TestOutcome told = thimble({command});
        EXPECT_NE(told.words().find("Everything is halted since"), std::string::npos)
            << told.output;
        EXPECT_NE(told.words().find("the shop is on fire"), std::string::npos) << told.output;
    }
}

TEST(Fleet, UsersAreChangedByWhoLoggedInForThat) {
    const Fleet fleet;
    EXPECT_EQ(thimble({"users", "add", "eve", "--role", "operator"}).status, 77);
    EXPECT_EQ(
        thimble_with_input(
            fleet.folder / "answers",
            {"login", fleet.server.address(), "--pin", fleet.pin, "--administer"})
            .status,
        0);

    const TestOutcome added = thimble({"users", "add", "eve", "--role", "operator"});

    EXPECT_EQ(added.status, 0) << added.output;
    EXPECT_NE(added.output.find("/welcome#"), std::string::npos) << added.output;
    EXPECT_EQ(thimble({"users", "role", "eve", "viewer", "--why", "too much"}).status, 0);
    EXPECT_EQ(thimble({"users", "disable", "eve"}).status, 0);
    EXPECT_EQ(thimble({"users", "enable", "eve"}).status, 0);
    EXPECT_NE(thimble({"users", "link", "eve"}).output.find("/welcome#"), std::string::npos);
    EXPECT_EQ(thimble({"users", "disable", "nobody"}).status, 66);
    EXPECT_EQ(thimble({"users", "disable", "admin"}).status, 75);  // nobody would be left
    const TestOutcome users = thimble({"users"});
    EXPECT_NE(users.output.find("eve "), std::string::npos) << users.output;
}

TEST(Fleet, TokensAreListedAndRevokedAndALogOutEndsOne) {
    const Fleet fleet;
    const TestOutcome listed = thimble({"tokens", "list", "--json"});
    EXPECT_EQ(listed.status, 0) << listed.output;
    // All that the account may, but for what was not asked for.
    EXPECT_NE(listed.output.find(R"("actions":"read,operate,approve")"), std::string::npos)
        << listed.output;
    const std::size_t at = listed.output.find(R"("id":")") + 6;
    const std::string id = listed.output.substr(at, 32);

    EXPECT_EQ(thimble({"tokens", "revoke", id.substr(0, 12)}).status, 0);
    EXPECT_EQ(thimble({"tokens", "revoke", id}).status, 66);
    EXPECT_EQ(thimble({"logout"}).status, 0);

    EXPECT_FALSE(fs::exists(fleet.folder / "config/fleet.json"));
    EXPECT_EQ(thimble({"hosts"}).status, 66);
}

}  // namespace thimble
