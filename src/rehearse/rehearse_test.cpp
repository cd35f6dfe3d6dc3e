// Real rehearsals: packages that dpkg-deb makes, installed by apt in a clone of a view of this machine.
#include "thimble/rehearse/rehearse.hpp"

#include "thimble/apply/apt_packages.hpp"
#include "thimble/apply/apt_room_test.hpp"
#include "thimble/host/enclosure.hpp"
#include "thimble/host/run_command.hpp"
#include "thimble/model/plan.hpp"
#include "thimble/rehearse/rehearsal.hpp"
#include "thimble/rehearse/rehearsal_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace thimble::rehearse {
namespace {

namespace fs = std::filesystem;
using apply::AptPackages;
using apply::AptRoom;

class RehearseTest : public testing::Test {
protected:
    void SetUp() override {
        room_ = AptRoom::make();
        if (room_ == nullptr) {
            GTEST_SKIP() << "needs root, overlayfs and apt-utils";
        }
        ASSERT_NE(::mkdtemp(work_.data()), nullptr);
        places_ = room_->places(THIMBLE_PROGRAMS);
        outside_ = std::make_unique<AptPackages>(room_->host(), places_);
    }
    void TearDown() override {
        if (room_ != nullptr) {
            fs::remove_all(work_);
        }
    }

    /// From what is installed to what was published.
    Result<RehearsalResult> rehearse_upgrade_of(const std::string& name) {
        apply::Resolving wanted;
        wanted.wanted = {{name, "all", "2"}};
        wanted.level = model::UpgradeLevel::Full;
        THIMBLE_TRY(const apply::Resolution resolution, outside_->resolve(wanted));
        model::Plan plan;
        plan.steps = resolution.steps;
        plan.policy.probes = probes_;
        THIMBLE_TRY(plan.host_state, outside_->host_state());
        THIMBLE_TRY(outside_->fetch(plan.steps, room_->archives(), {}));
        return rehearse(
            RehearsalRequest{
                .plan = plan,
                .plan_digest = "digest",
                .configuration = {},
                .archives = AptRoom::archives_seen(),
                .units = units_,
                .now = {},
                .settle = std::chrono::seconds(3),
                .boot_free_bytes = boot_free_bytes_},
            RehearsalDoors{
                .open_clone = [&] { return host::Enclosure::open(options()); },
                .package_manager =
                    [&](host::Enclosure& clone) {
                        apply::AptPlaces places = places_;
                        places.scratch = work_ + "/scratch";
                        places.scratch_seen = "/run/thimble/scratch";
                        places.empty_cache = "/run/thimble/empty-cache";
                        return std::make_unique<AptPackages>(clone, places);
                    },
                .phase = {},
                .output = {}});
    }

    [[nodiscard]] host::EnclosureOptions options() const {
        fs::create_directories(work_ + "/scratch");
        return host::EnclosureOptions{
            .root = room_->root(),
            .work = work_ + "/clones",
            // Large and of no interest here.
            .masked = {"/root", "/usr/local", "/opt", "/home", "/usr/share/doc"},
            .binds = {{.source = work_ + "/scratch", .name = "scratch"}}};
    }

    static const Check& check(const Rehearsal& rehearsal, const std::string& name) {
        static const Check kNone = named_check("none");
        const auto found = std::ranges::find(rehearsal.checks, name, &Check::name);
        EXPECT_NE(found, rehearsal.checks.end()) << name;
        return found == rehearsal.checks.end() ? kNone : *found;
    }

    /// The bytes of a library or program that gcc makes.
    std::string compile(const std::string& code, std::vector<std::string> options) const {
        const std::string source = work_ + "/source.c";
        const std::string out = work_ + "/compiled";
        std::ofstream(source) << code;
        std::vector<std::string> argv{"gcc", "-fPIC", "-o", out, source};
        argv.insert(argv.end(), options.begin(), options.end());
        const auto outcome = host::run_command({.argv = argv});
        EXPECT_TRUE(outcome && outcome->exit_status == 0) << (outcome ? outcome->errors : "no gcc");
        std::ifstream file(out, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    std::string work_ = "/var/tmp/thimble-rehearse-XXXXXX";
    std::unique_ptr<AptRoom> room_;
    apply::AptPlaces places_;
    std::unique_ptr<AptPackages> outside_;
    std::vector<std::string> units_;
    std::vector<model::HealthProbe> probes_;
    std::optional<std::uint64_t> boot_free_bytes_;
};

TEST_F(RehearseTest, PassesAGoodFixAndLeavesTheHostAlone) {
    room_->install(
        room_->build({.name = "t-good", .version = "1", .files = {{"/usr/bin/t-good", "one\n"}}}));
    room_->build({.name = "t-good", .version = "2", .files = {{"/usr/bin/t-good", "two\n"}}});
    room_->publish();

    const auto result = rehearse_upgrade_of("t-good");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(result->rehearsal.verdict, CheckVerdict::Pass) << rehearsal_text(result->rehearsal);
    EXPECT_EQ(check(result->rehearsal, "packages").after, "t-good:all 2");
    EXPECT_EQ(room_->read("/usr/bin/t-good"), "one\n");
    EXPECT_LT(result->rehearsal.clone_bytes, 64U << 20);
    const auto again = parse_rehearsal(format_rehearsal(result->rehearsal));
    ASSERT_TRUE(again.has_value()) << again.error().text();
    EXPECT_EQ(again->verdict, CheckVerdict::Pass);
}

TEST_F(RehearseTest, FailsOnAPostinstThatFails) {
    room_->install(room_->build({.name = "t-postinst", .version = "1"}));
    room_->build(
        {.name = "t-postinst",
         .version = "2",
         .scripts = {{"postinst", "echo broken here; exit 1"}}});
    room_->publish();

    const auto result = rehearse_upgrade_of("t-postinst");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(check(result->rehearsal, "transaction").verdict, CheckVerdict::Fail);
    EXPECT_EQ(check(result->rehearsal, "package database").verdict, CheckVerdict::Fail);
    EXPECT_NE(result->rehearsal.output.find("broken here"), std::string::npos);
}

TEST_F(RehearseTest, FailsOnWhatDoesNotFitIntoTheBootFolderOfTheHost) {
    const std::string make_anew = "yes | head -c 3000000 >/boot/initrd.img-t";
    room_->install(
        room_->build({.name = "t-hook", .version = "1", .scripts = {{"postinst", make_anew}}}));
    room_->build({.name = "t-hook", .version = "2", .scripts = {{"postinst", make_anew}}});
    room_->publish();
    boot_free_bytes_ = 3'002'368;  // 733 blocks

    const auto enough = rehearse_upgrade_of("t-hook");
    --*boot_free_bytes_;
    const auto short_of_it = rehearse_upgrade_of("t-hook");

    ASSERT_TRUE(enough.has_value()) << enough.error().text();
    EXPECT_EQ(check(enough->rehearsal, "room in /boot").verdict, CheckVerdict::Pass);
    ASSERT_TRUE(short_of_it.has_value()) << short_of_it.error().text();
    EXPECT_EQ(short_of_it->rehearsal.verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        check(short_of_it->rehearsal, "room in /boot").evidence,
        std::vector<std::string>{"/boot/initrd.img-t: 2930 KiB, 2930 KiB before"});
}

TEST_F(RehearseTest, WarnsWhereAConfigurationTestOfThePlanNeverPassesInAClone) {
    const auto server = [](const std::string& version) {
        return apply::TestPackage{
            .name = "t-server",
            .version = version,
            .files =
                {{"/usr/sbin/unbound-checkconf", "#!/bin/sh\necho no resolver; exit 1\n"},
                 {"/etc/unbound/unbound.conf", "server:\n"}},
            .scripts = {{"postinst", "chmod 755 /usr/sbin/unbound-checkconf"}}};
    };
    room_->install(room_->build(server("1")));
    room_->build(server("2"));
    room_->publish();

    const auto result = rehearse_upgrade_of("t-server");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    const Check& test = check(result->rehearsal, "config unbound");
    EXPECT_EQ(test.verdict, CheckVerdict::Warn) << rehearsal_text(result->rehearsal);
    EXPECT_EQ(test.summary, "failed before the patch already: nothing is known of it");
    EXPECT_NE(test.after.find("no resolver"), std::string::npos);
}

TEST_F(RehearseTest, FailsOnALibraryThatDropsASymbol) {
    const auto library = [&](const std::string& code) {
        return compile(code, {"-shared", "-Wl,-soname,libthimtest.so.1"});
    };
    const std::string both = library("int foo(void){return 1;} int bar(void){return 2;}");
    std::ofstream(work_ + "/libthimtest.so.1") << both;
    const std::string program =
        compile("int bar(void); int main(void){return bar();}", {work_ + "/libthimtest.so.1"});
    room_->install(room_->build(
        {.name = "t-lib", .version = "1", .files = {{"/usr/lib/libthimtest.so.1", both}}}));
    room_->install(
        room_->build({.name = "t-user", .version = "1", .files = {{"/usr/bin/t-user", program}}}));
    room_->build(
        {.name = "t-lib",
         .version = "2",
         .files = {{"/usr/lib/libthimtest.so.1", library("int foo(void){return 1;}")}}});
    room_->publish();
    fs::permissions(room_->root() + "/usr/bin/t-user", fs::perms(0755));

    const auto result = rehearse_upgrade_of("t-lib");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(check(result->rehearsal, "transaction").verdict, CheckVerdict::Pass);
    EXPECT_EQ(check(result->rehearsal, "linking").verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        check(result->rehearsal, "linking").evidence,
        std::vector<std::string>{"/usr/bin/t-user: needs symbol bar, which nothing defines"});
}

TEST_F(RehearseTest, FailsOnAServiceWhoseProbeBreaks) {
    const std::string unit =
        "[Service]\nUser=nobody\nEnvironment=PORT=8471\nExecStart=/usr/bin/python3 "
        "/usr/lib/t-web.py ${PORT}\n";
    const auto server = [](const std::string& status) {
        return "import http.server, sys\n"
               "class Answer(http.server.BaseHTTPRequestHandler):\n"
               "    def do_GET(self):\n"
               "        self.send_response(" + status + ")\n"
               "        self.end_headers()\n"
               "http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Answer).serve_forever()\n";
    };
    room_->install(room_->build(
        {.name = "t-web",
         .version = "1",
         .files = {
             {"/usr/lib/systemd/system/t-web.service", unit},
             {"/usr/lib/t-web.py", server("200")}}}));
    room_->build(
        {.name = "t-web",
         .version = "2",
         .files = {
             {"/usr/lib/systemd/system/t-web.service", unit},
             {"/usr/lib/t-web.py", server("500")}}});
    room_->publish();
    units_ = {"t-web.service"};
    probes_ = {
        {.name = "page",
         .kind = model::ProbeKind::Http,
         .target = "http://localhost:8471/",
         .argv = {}},
        {.name = "port", .kind = model::ProbeKind::Tcp, .target = "localhost:8471", .argv = {}},
        {.name = "file",
         .kind = model::ProbeKind::Command,
         .target = {},
         .argv = {"test", "-e", "/usr/lib/t-web.py"}}};

    const auto result = rehearse_upgrade_of("t-web");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    const Rehearsal& rehearsal = result->rehearsal;
    EXPECT_EQ(check(rehearsal, "service t-web.service").verdict, CheckVerdict::Pass);
    EXPECT_EQ(check(rehearsal, "probe page").verdict, CheckVerdict::Fail)
        << rehearsal_text(rehearsal);
    EXPECT_NE(check(rehearsal, "probe page").after.find("500"), std::string::npos);
    EXPECT_EQ(check(rehearsal, "probe port").verdict, CheckVerdict::Pass);
    EXPECT_EQ(check(rehearsal, "probe file").verdict, CheckVerdict::Pass);
    EXPECT_EQ(check(rehearsal, "listeners").verdict, CheckVerdict::Pass);
}

TEST_F(RehearseTest, NamesTheProbesThatItWasGivenAndDoesNotAsk) {
    room_->install(
        room_->build({.name = "t-quiet", .version = "1", .files = {{"/usr/bin/t-quiet", "1\n"}}}));
    room_->build({.name = "t-quiet", .version = "2", .files = {{"/usr/bin/t-quiet", "2\n"}}});
    room_->publish();
    probes_ = {
        {.name = "port", .kind = model::ProbeKind::Tcp, .target = "localhost:8471", .argv = {}},
        {.name = "file", .kind = model::ProbeKind::Command, .target = {}, .argv = {"true"}}};

    const auto result = rehearse_upgrade_of("t-quiet");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(result->rehearsal.verdict, CheckVerdict::Warn) << rehearsal_text(result->rehearsal);
    for (const char* name : {"probe port", "probe file"}) {
        EXPECT_EQ(check(result->rehearsal, name).verdict, CheckVerdict::Warn) << name;
        EXPECT_TRUE(check(result->rehearsal, name).summary.starts_with("not asked: ")) << name;
    }
}

TEST_F(RehearseTest, SaysWhyNobodyAnswersAProbeOfAServiceThatWasNotStarted) {
    const std::string unit = "[Service]\nExecStart=/usr/bin/sleep 60\n";
    const auto build = [&](const std::string& version) {
        return room_->build(
            {.name = "t-other",
             .version = version,
             .files = {{"/usr/lib/systemd/system/t-other.service", unit}}});
    };
    room_->install(build("1"));
    build("2");
    room_->publish();
    units_ = {"t-other.service"};
    probes_ = {
        {.name = "port", .kind = model::ProbeKind::Tcp, .target = "localhost:8471", .argv = {}},
        {.name = "file", .kind = model::ProbeKind::Command, .target = {}, .argv = {"false"}}};

    const auto result = rehearse_upgrade_of("t-other");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    const Check& port = check(result->rehearsal, "probe port");
    EXPECT_EQ(port.verdict, CheckVerdict::Warn);
    EXPECT_TRUE(port.summary.contains("no network")) << port.summary;
    EXPECT_TRUE(port.summary.contains("--start UNIT")) << port.summary;
    EXPECT_TRUE(
        check(result->rehearsal, "probe file").summary.contains("before the patch already"));
}

TEST_F(RehearseTest, FailsOnAServiceWhoseFirstCommandBreaks) {
    const auto unit = [](const std::string& first) {
        return "[Service]\nType=oneshot\nExecStart=" + first + "\nExecStart=/bin/true\n";
    };
    const auto package = [&](const std::string& version, const std::string& first) {
        return apply::TestPackage{
            .name = "t-once",
            .version = version,
            .files = {{"/usr/lib/systemd/system/t-once.service", unit(first)}}};
    };
    room_->install(room_->build(package("1", "/bin/true")));
    room_->build(package("2", "/bin/false"));
    room_->publish();
    units_ = {"t-once.service"};

    const auto result = rehearse_upgrade_of("t-once");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    const Check& service = check(result->rehearsal, "service t-once.service");
    EXPECT_EQ(service.verdict, CheckVerdict::Fail) << rehearsal_text(result->rehearsal);
    EXPECT_NE(service.after.find("ExecStart failed"), std::string::npos) << service.after;
}

TEST_F(RehearseTest, NamesWhatAScriptDoesBesides) {
    room_->install(room_->build({.name = "t-sly", .version = "1"}));
    room_->build(
        {.name = "t-sly",
         .version = "2",
         .files = {{"/etc/cron.d/t-sly", "# nothing\n"}},
         .scripts = {
             {"postinst",
              "cp /bin/true /usr/bin/t-sly-root; chmod 4755 /usr/bin/t-sly-root; echo x "
              ">/etc/t-sly.key\npython3 - <<'END'\n"
              "import os, socket, time\n"
              "door = socket.socket(); door.bind(('0.0.0.0', 8472)); door.listen()\n"
              "if os.fork() == 0:\n"
              "    os.setsid(); os.closerange(0, 3); time.sleep(600)\n"
              "END\n"}}});
    room_->publish();

    const auto result = rehearse_upgrade_of("t-sly");

    ASSERT_TRUE(result.has_value()) << result.error().text();
    const Rehearsal& rehearsal = result->rehearsal;
    EXPECT_EQ(rehearsal.verdict, CheckVerdict::Fail);
    EXPECT_EQ(check(rehearsal, "privileges").verdict, CheckVerdict::Fail);
    EXPECT_EQ(
        check(rehearsal, "schedules").evidence, std::vector<std::string>{"/etc/cron.d/t-sly"});
    EXPECT_EQ(
        check(rehearsal, "unowned files").evidence,
        (std::vector<std::string>{"/etc/t-sly.key", "/usr/bin/t-sly-root"}));
    EXPECT_EQ(check(rehearsal, "listeners").evidence, std::vector<std::string>{"tcp 0.0.0.0:8472"});
}

TEST_F(RehearseTest, FailsWhenTheCloneBecomesTooLarge) {
    room_->install(room_->build({.name = "t-large", .version = "1"}));
    room_->build(
        {.name = "t-large",
         .version = "2",
         .scripts = {{"postinst", "cat /dev/zero >/var/tmp/t-large"}}});
    room_->publish();
    places_.cache.clear();

    // The limit of the enclosure is the request's caller's.
    apply::Resolving wanted;
    wanted.wanted = {{"t-large", "all", "2"}};
    const auto resolution = outside_->resolve(wanted);
    ASSERT_TRUE(resolution.has_value()) << resolution.error().text();
    model::Plan plan;
    plan.steps = resolution->steps;
    plan.host_state = outside_->host_state().value_or("");
    ASSERT_TRUE(outside_->fetch(plan.steps, room_->archives(), {}).has_value());
    const auto result = rehearse(
        RehearsalRequest{
            .plan = plan,
            .plan_digest = "d",
            .configuration = {},
            .archives = AptRoom::archives_seen(),
            .units = {},
            .now = {}},
        RehearsalDoors{
            .open_clone =
                [&] {
                    host::EnclosureOptions small = options();
                    small.size_limit = 300U << 20;
                    return host::Enclosure::open(small);
                },
            .package_manager =
                [&](host::Enclosure& clone) {
                    apply::AptPlaces places = places_;
                    places.scratch = work_ + "/scratch";
                    places.scratch_seen = "/run/thimble/scratch";
                    places.empty_cache = "/run/thimble/empty-cache";
                    return std::make_unique<AptPackages>(clone, places);
                },
            .phase = {},
            .output = {}});

    ASSERT_TRUE(result.has_value()) << result.error().text();
    EXPECT_EQ(check(result->rehearsal, "transaction").verdict, CheckVerdict::Fail);
    EXPECT_NE(rehearsal_text(result->rehearsal).find("MiB"), std::string::npos);
}

TEST_F(RehearseTest, RefusesAPlanOfAnotherState) {
    model::Plan plan;
    plan.host_state = "of yesterday";

    const auto result = rehearse(
        RehearsalRequest{
            .plan = plan,
            .plan_digest = "d",
            .configuration = {},
            .archives = "/tmp",
            .units = {},
            .now = {}},
        RehearsalDoors{
            .open_clone = [&] { return host::Enclosure::open(options()); },
            .package_manager =
                [&](host::Enclosure& clone) {
                    return std::make_unique<AptPackages>(clone, places_);
                },
            .phase = {},
            .output = {}});

    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, "rehearse.host_changed");
}

}  // namespace
}  // namespace thimble::rehearse
