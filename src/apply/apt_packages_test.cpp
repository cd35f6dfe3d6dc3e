#include "thimble/apply/apt_packages.hpp"

#include "thimble/apply/apt_fixture_test.hpp"
#include "thimble/apply/read_prechecks.hpp"
#include "thimble/apply/run_steps.hpp"
#include "thimble/apply/way_back.hpp"
#include "thimble/host/enclosure.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace thimble::apply {
namespace {

/// Another process that holds a lock of dpkg.
class HeldLock {
public:
    explicit HeldLock(const std::string& path) {
        std::array<int, 2> ready{};
        EXPECT_EQ(::pipe(ready.data()), 0);
        child_ = ::fork();
        if (child_ == 0) {
            const int file = ::open(path.c_str(), O_RDWR | O_CREAT, 0640);
            struct flock lock{};
            lock.l_type = F_WRLCK;
            ::fcntl(file, F_SETLK, &lock);
            [[maybe_unused]] const auto told = ::write(ready[1], "x", 1);
            ::pause();
            ::_exit(0);
        }
        char byte = 0;
        EXPECT_EQ(::read(ready[0], &byte, 1), 1);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    HeldLock(const HeldLock&) = delete;
    HeldLock& operator=(const HeldLock&) = delete;
    HeldLock(HeldLock&&) = delete;
    HeldLock& operator=(HeldLock&&) = delete;
    ~HeldLock() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    [[nodiscard]] std::uint32_t holder() const { return static_cast<std::uint32_t>(child_); }

private:
    pid_t child_ = 0;
};

using AptPackagesTest = AptFixture;

TEST_F(AptPackagesTest, BringsAPackageToTheVersionOfThePlan) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2", .fields = "Depends: t-new\n"});
    room_->build({.name = "t-new", .version = "2"});
    room_->publish();

    const auto resolution = resolve({"t-lib"}, "2");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), 2U);
    const auto report = packages_->run(transaction(resolution->steps));
    ASSERT_TRUE(report) << report.error().text();

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    EXPECT_EQ(version_of("t-lib"), "2");
    EXPECT_EQ(version_of("t-new"), "2");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, TakesAnEpochOfZeroForNone) {
    room_->install(room_->build({.name = "t-lib", .version = "1.0-1"}));
    room_->build({.name = "t-lib", .version = "0:2.0-2"});
    room_->publish();

    const auto resolution = resolve({"t-lib"}, "2.0-2");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), 1U);
    EXPECT_EQ(resolution->steps[0].to_version, "2.0-2");
    const auto report = packages_->run(transaction(resolution->steps));
    ASSERT_TRUE(report) << report.error().text();
    const auto installed = packages_->installed();

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    ASSERT_TRUE(installed);
    EXPECT_EQ(standing_of(resolution->steps, *installed), Standing::After);
    EXPECT_TRUE(moved_on(resolution->steps, *installed).empty());
}

TEST_F(AptPackagesTest, SeesInAnArchiveThatInitialFileSystemsAreMadeAnew) {
    room_->build({.name = "t-plain", .version = "2", .scripts = {{"postinst", "true"}}});
    room_->build(
        {.name = "t-hook", .version = "2", .scripts = {{"postinst", "update-initramfs -u"}}});
    room_->build(
        {.name = "t-trigger",
         .version = "2",
         .scripts = {{"triggers", "activate update-initramfs"}}});
    AptRoom::write(room_->root() + "/boot/initrd.img-t", "12345");
    const auto is_remade = [this](const std::string& name) {
        model::PlannedStep step;
        step.name = name;
        step.archive = model::PlannedArchive{
            .file_name = name + "_2_all.deb", .uri = {}, .sha256 = {}, .size = 0};
        std::vector<FreeSpace> space{{.folder = "/boot"}};
        note_initial_files(room_->host(), {&step, 1}, room_->repository(), space);
        EXPECT_EQ(space.front().initial_bytes > 0, space.front().initial_remade);
        return space.front().initial_remade;
    };

    EXPECT_FALSE(is_remade("t-plain"));
    EXPECT_TRUE(is_remade("t-hook"));
    EXPECT_TRUE(is_remade("t-trigger"));
    EXPECT_FALSE(is_remade("t-not-there"));
}

TEST_F(AptPackagesTest, KeepsTheMarksOfThePlan) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->inside({"apt-mark", "auto", "t-lib"});
    room_->build({.name = "t-lib", .version = "2", .fields = "Depends: t-new\n"});
    room_->build({.name = "t-new", .version = "2"});
    room_->publish();

    const auto resolution = resolve({"t-lib"}, "2");
    const auto report = packages_->run(transaction(resolution->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail;
    const auto marks = room_->inside({"apt-mark", "showauto", "t-lib", "t-new"}).output;
    EXPECT_EQ(marks, "t-lib\nt-new\n");
}

TEST_F(AptPackagesTest, IsStoppedByTheGateWhenAnArchiveIsNotThePlans) {
    for (const char* name : {"t-app", "t-lib"}) {
        room_->install(room_->build({.name = name, .version = "1"}));
        room_->build({.name = name, .version = "2"});
    }
    room_->build({.name = "t-lib", .version = "3"});
    room_->publish();
    auto two = transaction(resolve({"t-app", "t-lib"}, "2")->steps);
    const auto three = transaction(resolve({"t-lib"}, "3")->steps);
    two.steps[1].archive->file_name = three.steps[0].archive->file_name;

    const auto report = packages_->run(two);

    EXPECT_EQ(report->ending, TransactionEnding::Refused);
    EXPECT_EQ(report->detail, "apt would install t-lib 3, not 2");
    EXPECT_EQ(version_of("t-lib"), "1");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, RemovesOnlyWhatThePlanRemoves) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->install(
        room_->build({.name = "t-app", .version = "1", .fields = "Depends: t-lib (= 1)\n"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    auto whole = transaction(resolve({"t-lib"}, "2")->steps);
    ASSERT_EQ(whole.steps.size(), 2U);
    EXPECT_EQ(whole.steps[0].change, model::PlannedChange::Remove);
    Transaction part = whole;
    part.steps.erase(part.steps.begin());

    const auto refused = packages_->run(part);
    EXPECT_EQ(refused->ending, TransactionEnding::Refused) << refused->output;
    EXPECT_EQ(version_of("t-app"), "1");
    const auto done = packages_->run(whole);

    EXPECT_EQ(done->ending, TransactionEnding::Done) << done->output;
    EXPECT_EQ(version_of("t-app"), "");
    EXPECT_EQ(version_of("t-lib"), "2");
}

TEST_F(AptPackagesTest, NamesThePackageWhoseScriptFails) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2", .scripts = {{"postinst", "exit 3"}}});
    room_->publish();

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Failed);
    EXPECT_EQ(report->failed_package, "t-lib");
    EXPECT_NE(report->detail.find("status 3"), std::string::npos) << report->detail;
    const auto health = packages_->health();
    ASSERT_EQ(health->unfinished.size(), 1U);
    EXPECT_EQ(health->unfinished[0].name, "t-lib");
}

TEST_F(AptPackagesTest, GoesBackFromATransactionInWhichDpkgWasKilled) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2", .scripts = {{"postinst", "kill -9 $PPID"}}});
    room_->publish();
    Transaction wanted = transaction(resolve({"t-lib"}, "2")->steps);
    const auto kept = packages_->keep_current(wanted.steps, room_->archives());
    ASSERT_TRUE(kept && kept->size() == 1U);

    const auto report = packages_->run(wanted);
    ASSERT_EQ(report->ending, TransactionEnding::Failed) << report->output;
    ASSERT_TRUE(packages_->health()->interrupted);
    wanted.steps = {kept->front().step};
    const auto back = packages_->run(wanted);

    ASSERT_TRUE(back);
    EXPECT_EQ(back->ending, TransactionEnding::Done) << back->output;
    EXPECT_EQ(version_of("t-lib"), "1");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, CallsAScriptThatWantsATerminalAPrompt) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build(
        {.name = "t-lib", .version = "2", .scripts = {{"postinst", "read answer </dev/tty"}}});
    room_->publish();

    const auto report = packages_->run(transaction(resolve({"t-lib"}, "2")->steps));

    EXPECT_EQ(report->ending, TransactionEnding::Prompted) << report->output;
}

TEST_F(AptPackagesTest, KillsAScriptThatHangs) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2", .scripts = {{"postinst", "sleep 1000"}}});
    room_->publish();
    auto hanging = transaction(resolve({"t-lib"}, "2")->steps);
    hanging.policy.silence_timeout = std::chrono::seconds(2);

    const auto report = packages_->run(hanging);

    EXPECT_EQ(report->ending, TransactionEnding::TimedOut) << report->output;
    EXPECT_EQ(packages_->health()->unfinished.size(), 1U);
}

TEST_F(AptPackagesTest, NamesTheHolderOfTheLock) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    const auto wanted = transaction(resolve({"t-lib"}, "2")->steps);
    EXPECT_FALSE(packages_->lock_holder()->has_value());
    const HeldLock lock(room_->root() + "/var/lib/dpkg/lock-frontend");

    const auto holder = packages_->lock_holder();
    const auto report = packages_->run(wanted);

    ASSERT_TRUE(holder->has_value());
    EXPECT_EQ((*holder)->pid, lock.holder());
    EXPECT_EQ(report->ending, TransactionEnding::Locked);
    EXPECT_NE(report->detail.find("lock-frontend is held by"), std::string::npos);
    EXPECT_EQ(version_of("t-lib"), "1");
}

TEST_F(AptPackagesTest, GoesOnWithWhatWasNotDoneYet) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    const std::string half = room_->build({.name = "t-lib", .version = "2"});
    room_->build({.name = "t-app", .version = "2", .fields = "Depends: t-lib (= 2)\n"});
    room_->publish();
    const auto wanted = transaction(resolve({"t-app", "t-lib"}, "2")->steps);
    room_->inside({"dpkg", "--unpack", half});

    const auto repaired = packages_->repair(wanted);
    const auto report = packages_->run(wanted);

    EXPECT_EQ(repaired->ending, TransactionEnding::Done) << repaired->detail;
    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->output;
    EXPECT_EQ(version_of("t-app"), "2");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, RepairsAPackageThatMustBeUnpackedAgain) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    const auto wanted = transaction(resolve({"t-lib"}, "2")->steps);
    std::string status = room_->read("/var/lib/dpkg/status");
    const std::size_t at = status.find("Package: t-lib\nStatus: install ok installed");
    ASSERT_NE(at, std::string::npos);
    status.replace(at, 43, "Package: t-lib\nStatus: install reinstreq half-installed");
    AptRoom::write(room_->root() + "/var/lib/dpkg/status", status);
    ASSERT_FALSE(packages_->health()->is_clean());

    const auto repaired = packages_->repair(wanted);

    EXPECT_EQ(repaired->ending, TransactionEnding::Done) << repaired->output;
    EXPECT_EQ(version_of("t-lib"), "2");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, GoesOnInTheMiddleOfPackagesThatDependOnEachOther) {
    const auto depending = [](const std::string& version) {
        return TestPackage{
            .name = "t-app", .version = version, .fields = "Depends: t-lib (= " + version + ")\n"};
    };
    const std::string half = room_->build({.name = "t-lib", .version = "2"});
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->install(room_->build(depending("1")));
    room_->build(depending("2"));
    room_->publish();
    const auto wanted = transaction(resolve({"t-app", "t-lib"}, "2")->steps);
    room_->install(half);  // by force: t-app needs the version before

    const auto report = packages_->run(wanted);

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->output;
    EXPECT_EQ(version_of("t-app"), "2");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, GoesBackWhereAPackageMustBeUnpackedAgain) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    for (const char* name : {"t-lib", "t-app"}) {
        room_->build({.name = name, .version = "2"});
    }
    room_->publish();
    const auto wanted = transaction(resolve({"t-app", "t-lib"}, "2")->steps);
    // The way there had done one of them, and was killed in the other, which is offered nowhere.
    std::string status = room_->read("/var/lib/dpkg/status");
    for (const char* name : {"t-lib", "t-app"}) {
        const std::string whole =
            std::string("Package: ") + name + "\nStatus: install ok installed";
        const std::size_t at = status.find(whole);
        ASSERT_NE(at, std::string::npos);
        status.replace(
            at,
            whole.size(),
            std::string("Package: ") + name + "\nStatus: install reinstreq half-installed");
    }
    AptRoom::write(room_->root() + "/var/lib/dpkg/status", status);

    const auto report = packages_->run(wanted);

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    EXPECT_EQ(version_of("t-lib"), "2");
    EXPECT_EQ(version_of("t-app"), "2");
    EXPECT_TRUE(packages_->health()->is_clean());
}

TEST_F(AptPackagesTest, TellsWhatKeepsAVersionAway) {
    room_->install(room_->build({.name = "t-held", .version = "1"}));
    room_->install(room_->build({.name = "t-pinned", .version = "1"}));
    room_->install(room_->build({.name = "t-between", .version = "0"}));
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    room_->build({.name = "t-held", .version = "2"});
    room_->build({.name = "t-pinned", .version = "2"});
    room_->build({.name = "t-between", .version = "1"});
    room_->build({.name = "t-between", .version = "2"});
    room_->build({.name = "t-app", .version = "2", .fields = "Depends: t-nowhere\n"});
    room_->inside({"apt-mark", "hold", "t-held"});
    AptRoom::write(
        room_->root() + "/etc/apt/preferences.d/pin",
        "Package: t-pinned\nPin: version 1\nPin-Priority: 1001\n\n"
        "Package: t-between\nPin: version 1\nPin-Priority: 600\n");
    room_->publish();

    const auto resolution = resolve({"t-held", "t-pinned", "t-between", "t-app", "t-gone"}, "2");

    std::vector<std::string> codes;
    for (const model::PlanProblem& problem : resolution->problems) {
        codes.push_back(problem.code);
    }
    const std::vector<std::string> expected{
        "apply.held",
        "apply.pinned",
        "apply.pinned",
        "apply.version_gone",
        "apply.dependency_conflict"};
    ASSERT_EQ(codes, expected) << format_resolution(*resolution);
    EXPECT_EQ(
        resolution->problems[1].detail,
        "t-pinned is kept back by a pin: apt prefers 1 (installed, pinned to priority 1001) to 2 "
        "(priority 500)");
    EXPECT_EQ(
        resolution->problems[2].detail,
        "t-between is kept back by a pin: apt prefers 1 (pinned to priority 600) to 2 (priority "
        "500); 0 is installed (priority 500)");
    EXPECT_NE(resolution->problems[4].detail.find("t-nowhere"), std::string::npos);
}

TEST_F(AptPackagesTest, TellsWhatComesFromAnArchiveThatIsNotAllowed) {
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    room_->build({.name = "t-app", .version = "2"});
    room_->publish();
    const auto codes = [this](const std::string& pattern) {
        Resolving wanted;
        wanted.wanted = {{"t-app", "all", "2"}};
        wanted.origins = {*parse_origin_pattern(pattern)};
        const auto resolution = packages_->resolve(wanted);
        EXPECT_TRUE(resolution) << resolution.error().text();
        std::string text;
        for (const model::PlanProblem& problem : resolution->problems) {
            if (problem.code == "apply.origin_not_allowed") {
                text += problem.detail + " | " + problem.next;
            }
        }
        return text;
    };

    EXPECT_EQ(codes("origin=thimble,label=Tests"), "");
    EXPECT_EQ(
        codes("origin=Debian"),
        "t-app 2 comes from Tests, which no --origin allows | Allow that archive, too: --origin "
        "'origin=Thimble,label=Tests', or leave out what needs it: --exclude");
}

TEST_F(AptPackagesTest, NamesTheVeryPackageThatIsExcluded) {
    for (const char* name : {"t-app", "t-lib", "t-base", "t-own", "t-other"}) {
        room_->install(room_->build({.name = name, .version = "1"}));
    }
    room_->build({.name = "t-app", .version = "2", .fields = "Depends: t-lib (>= 2)\n"});
    room_->build(
        {.name = "t-lib",
         .version = "2",
         .fields = "Depends: t-nowhere | t-other, t-base (>= 2) | t-other (>= 9)\n"});
    room_->build({.name = "t-base", .version = "2"});
    room_->build({.name = "t-own", .version = "2"});
    room_->publish();
    Resolving wanted;
    for (const char* name : {"t-app", "t-lib", "t-own"}) {
        wanted.wanted.push_back({name, "all", "2"});
    }
    wanted.excluded = {"t-base"};

    const auto resolution = packages_->resolve(wanted);

    ASSERT_TRUE(resolution) << resolution.error().text();
    const std::string why = "t-lib needs another version of t-base, which is excluded";
    EXPECT_EQ(
        resolution->left_out,
        (std::vector<model::LeftOut>{
            {"t-lib", "excluded", why},
            {"t-app",
             "excluded",
             "t-app needs another version of t-lib, which is left out: " + why}}))
        << format_resolution(*resolution);
    wanted.wanted = {{"t-lib", "all", "2"}};
    const auto refused = packages_->resolve(wanted);
    ASSERT_FALSE(refused->problems.empty());
    EXPECT_EQ(refused->problems[0].detail, why) << format_resolution(*refused);
}

TEST_F(AptPackagesTest, LetsNothingNewComeAlongThatIsExcluded) {
    room_->install(room_->build({.name = "t-app", .version = "1"}));
    room_->build({.name = "t-app", .version = "2", .fields = "Depends: t-new\n"});
    room_->build({.name = "t-new", .version = "2"});
    room_->publish();
    Resolving wanted;
    wanted.wanted = {{"t-app", "all", "2"}};
    wanted.excluded = {"t-new"};

    const auto resolution = packages_->resolve(wanted);

    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_FALSE(resolution->problems.empty());
    EXPECT_EQ(resolution->problems[0].detail, "t-new, which is excluded, would come along");
}

TEST_F(AptPackagesTest, RefusesAnArchiveThatIsNotWhatTheIndexSays) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    const std::string archive = room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    const auto steps = resolve({"t-lib"}, "2")->steps;
    std::ofstream(archive, std::ios::app) << "x";

    const auto fetched = packages_->fetch(steps, room_->archives(), {});

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, "apply.wrong_archive") << fetched.error().text();
    EXPECT_FALSE(std::filesystem::exists(room_->archives() + "/" + steps[0].archive->file_name));
}

TEST_F(AptPackagesTest, TakesThePlansArchiveAlsoWhenAptHasOneInItsCache) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    const std::string archive =
        room_->build({.name = "t-lib", .version = "2", .files = {{"/usr/share/t-lib", "good"}}});
    room_->publish();
    const Transaction wanted = transaction(resolve({"t-lib"}, "2")->steps);
    const auto size = std::filesystem::file_size(archive);
    room_->build({.name = "t-lib", .version = "2", .files = {{"/usr/share/t-lib", "evil"}}});
    ASSERT_EQ(std::filesystem::file_size(archive), size);
    std::filesystem::copy_file(archive, room_->root() + "/var/cache/apt/archives/t-lib_2_all.deb");

    const auto report = packages_->run(wanted);

    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->output;
    EXPECT_EQ(room_->read("/usr/share/t-lib"), "good");
}

TEST_F(AptPackagesTest, SaysThatAMirrorIsDead) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    room_->pretend_mirror("http://127.0.0.1:1");

    const auto resolution = resolve({"t-lib"}, "2");
    ASSERT_TRUE(resolution) << resolution.error().text();
    ASSERT_EQ(resolution->steps.size(), 1U) << format_resolution(*resolution);
    const auto fetched = packages_->fetch(resolution->steps, room_->archives(), {});

    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().code, "apply.not_fetched") << fetched.error().text();
    EXPECT_NE(fetched.error().message.find("cannot be reached"), std::string::npos)
        << fetched.error().text();
}

TEST_F(AptPackagesTest, SaysThatAVersionIsGone) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    auto steps = resolve({"t-lib"}, "2")->steps;
    steps[0].to_version = "9";

    EXPECT_EQ(packages_->fetch(steps, room_->archives(), {}).error().code, "apply.version_gone");
}

TEST_F(AptPackagesTest, FetchesNothingThatTheIndexTellsOtherwise) {
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    auto steps = resolve({"t-lib"}, "2")->steps;
    steps[0].archive->sha256 = std::string(64, 'a');

    EXPECT_EQ(packages_->fetch(steps, room_->archives(), {}).error().code, "apply.wrong_archive");
}

TEST_F(AptPackagesTest, RunsInAnEnclosure) {
    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    room_->build({.name = "t-lib", .version = "2"});
    room_->publish();
    const Transaction wanted = transaction(resolve({"t-lib"}, "2")->steps);
    const std::string programs = THIMBLE_PROGRAMS;
    const std::string scratch = room_->folder("scratch");
    const std::string work = room_->folder("clones");
    std::filesystem::create_directories(scratch);
    std::filesystem::create_directories(work);
    auto enclosure = host::Enclosure::open(
        {.root = room_->root(),
         .writes = host::EnclosureWrites::Through,
         .work = work,
         .masked = {},
         .binds = {
             {.source = programs + "/thimble-gate", .name = "gate"},
             {.source = scratch, .name = "scratch"},
             {.source = room_->archives(), .name = "archives"}}});
    ASSERT_TRUE(enclosure) << enclosure.error().text();
    AptPackages inside(
        **enclosure,
        {.thimble_apt = programs + "/thimble-apt",
         .gate = "/run/thimble/gate",
         .scratch = scratch,
         .scratch_seen = "/run/thimble/scratch",
         .empty_cache = "/run/thimble/empty-cache",
         .cache = {}});
    Transaction there = wanted;
    there.archives = "/run/thimble/archives";

    const auto report = inside.run(there);

    ASSERT_TRUE(report) << report.error().text();
    EXPECT_EQ(report->ending, TransactionEnding::Done) << report->detail << report->output;
    EXPECT_EQ(version_of("t-lib"), "2");
    EXPECT_TRUE(inside.health()->is_clean());
}

TEST_F(AptPackagesTest, TellsThatTheHostChanged) {
    const auto before = packages_->host_state();
    EXPECT_EQ(*before, *packages_->host_state());

    room_->install(room_->build({.name = "t-lib", .version = "1"}));
    const auto after = packages_->host_state();
    room_->inside({"apt-mark", "hold", "t-lib"});

    EXPECT_NE(*before, *after);
    const auto held = packages_->host_state();
    EXPECT_NE(*after, *held);

    const std::string folder = room_->root() + "/etc/apt/preferences.d/";
    AptRoom::write(folder + "thimble-rolled-back-20261124T111510Z-00.pref", "Package: x\n");
    EXPECT_EQ(*held, *packages_->host_state()) << "a pin of ours";
    AptRoom::write(folder + "never", "Package: t-lib\nPin: version 2\nPin-Priority: -1\n");
    EXPECT_NE(*held, *packages_->host_state());
}

}  // namespace
}  // namespace thimble::apply
