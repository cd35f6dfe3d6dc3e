#include "thimble/inventory/living_thread.hpp"

#include "thimble/host/local_host.hpp"
#include "thimble/inventory/fake_host_test.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace thimble::inventory {
namespace {

TEST(FindLivingThread, TakesTheFirstThatShowsAProgram) {
    FakeHost host;
    host.links["/proc/7/exe"] = "/usr/bin/first";
    host.links["/proc/8/exe"] = "/usr/bin/other";
    host.files["/proc/7/task/7/comm"] = "first";
    host.files["/proc/7/task/8/comm"] = "other";
    EXPECT_EQ(find_living_thread(host, 7).value(), (LivingThread{"/proc/7", "/usr/bin/first"}));
    host.links.erase("/proc/7/exe");
    EXPECT_EQ(find_living_thread(host, 7).value(), (LivingThread{"/proc/8", "/usr/bin/other"}));
    host.denied = {"/proc/8/exe"};
    const auto denied = find_living_thread(host, 7);
    ASSERT_FALSE(denied.has_value());
    EXPECT_EQ(denied.error().kind, ErrorKind::Denied);
    host.denied.clear();
    host.links.erase("/proc/8/exe");
    EXPECT_EQ(find_living_thread(host, 7).value(), std::nullopt);
    EXPECT_EQ(find_living_thread(host, 9).value(), std::nullopt) << "it has gone";
}

/// The oracle: a process of our own whose first thread ends.
TEST(FindLivingThread, SeesAProcessWhoseFirstThreadHasEnded) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto stay = [](void*) -> void* {
            ::pause();
            return nullptr;
        };
        pthread_t thread{};
        ::pthread_create(&thread, nullptr, stay, nullptr);
        static_cast<void>(::write(ends[1], "x", 1));
        ::syscall(SYS_exit, 0);  // of this thread alone; pthread_exit would unwind into the test
    }
    char made = 0;
    ASSERT_EQ(::read(ends[0], &made, 1), 1);
    host::LocalHost host;
    const std::string folder = "/proc/" + std::to_string(child);
    while (host.read_link(folder + "/exe")) {}

    const auto living = find_living_thread(host, static_cast<std::uint32_t>(child));
    const LivingThread found = living && *living ? **living : LivingThread{};
    const auto maps = host.read_file(found.folder + "/maps", std::size_t{1} << 20);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(ends[0]);
    ::close(ends[1]);

    EXPECT_EQ(found.executable, host.read_link("/proc/self/exe").value());
    EXPECT_NE(found.folder, folder);
    EXPECT_FALSE(maps.value_or(std::string()).empty());
}

}  // namespace
}  // namespace thimble::inventory
