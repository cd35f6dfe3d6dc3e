#include "thimble/host/enclosure_calls.hpp"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace thimble::host {
namespace {

constexpr std::uint32_t kNone = 0xffff'ffff;

/// The numbers of one way into the kernel: a machine of 64 bits also runs programs of 32.
struct Calls {
    std::uint32_t architecture;
    std::array<std::uint32_t, 7> taken_away;
    std::uint32_t socket;
    /// One call for many, whose arguments a filter cannot see, so that programs of 32 bits that use it have no sockets; kNone: there
    /// is none.
    std::uint32_t several;
};

// add_key, request_key, keyctl, bpf, perf_event_open, io_uring_setup, userfaultfd
#ifdef __x86_64__
constexpr std::array<Calls, 2> kCalls{{
    {AUDIT_ARCH_X86_64, {248, 249, 250, 321, 298, 425, 323}, 41, kNone},
    {AUDIT_ARCH_I386, {286, 287, 288, 357, 336, 425, 374}, 359, 102},
}};
/// Above it stand the calls of x32, which no distribution needs.
constexpr std::uint32_t kLastCall = 0x3fff'ffff;
#elifdef __aarch64__
constexpr std::array<Calls, 2> kCalls{{
    {AUDIT_ARCH_AARCH64, {217, 218, 219, 280, 241, 425, 282}, 198, kNone},
    {AUDIT_ARCH_ARM, {309, 310, 311, 386, 364, 425, 388}, 281, 102},
}};
constexpr std::uint32_t kLastCall = kNone - 1;
#else
constexpr std::array<Calls, 1> kCalls{{
    {kNone,
     {SYS_add_key,
      SYS_request_key,
      SYS_keyctl,
      SYS_bpf,
      SYS_perf_event_open,
      SYS_io_uring_setup,
      SYS_userfaultfd},
     SYS_socket,
     kNone},
}};
constexpr std::uint32_t kLastCall = kNone - 1;
#endif

constexpr std::size_t kMostInstructions = 64;

/// A program of the kernel's filter machine, each of whose tests ends it or goes on with the next.
class Filter {
public:
    void load(std::size_t offset) {
        add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset)));
    }
    /// Passes over `count` instructions unless the value is `value`.
    void unless_pass(std::uint32_t value, std::size_t count) {
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, static_cast<std::uint8_t>(count)));
    }
    void if_then(std::uint32_t value, std::uint32_t answer) {
        unless_pass(value, 1);
        end(answer);
    }
    void if_above_then(std::uint32_t value, std::uint32_t answer) {
        add(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, value, 0, 1));
        end(answer);
    }
    void end(std::uint32_t answer) { add(BPF_STMT(BPF_RET | BPF_K, answer)); }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] sock_fprog program() {
        return {.len = static_cast<unsigned short>(size_), .filter = instructions_.data()};
    }

private:
    void add(sock_filter instruction) { instructions_.at(size_++) = instruction; }
    std::array<sock_filter, kMostInstructions> instructions_{};
    std::size_t size_ = 0;
};

constexpr std::uint32_t refused(int error) {
    return SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error);
}

void add_calls(const Calls& calls, Filter& filter) {
    filter.load(offsetof(seccomp_data, nr));
    filter.if_above_then(kLastCall, refused(ENOSYS));
    for (const std::uint32_t number : calls.taken_away) {
        filter.if_then(number, refused(ENOSYS));
    }
    if (calls.several != kNone) {
        filter.if_then(calls.several, refused(ENOSYS));
    }
    constexpr std::size_t kToTheEnd = 3;
    filter.unless_pass(calls.socket, kToTheEnd);
    // The half of the argument that the call looks at.
    constexpr std::size_t kLow = std::endian::native == std::endian::big ? 4 : 0;
    filter.load(offsetof(seccomp_data, args) + kLow);
    filter.if_then(AF_VSOCK, refused(EAFNOSUPPORT));
    filter.end(SECCOMP_RET_ALLOW);
}

}  // namespace

bool take_away_calls() {
    Filter filter;
    for (const Calls& calls : kCalls) {
        if (calls.architecture != kNone) {
            Filter one;
            add_calls(calls, one);
            filter.load(offsetof(seccomp_data, arch));
            filter.unless_pass(calls.architecture, one.size());
        }
        add_calls(calls, filter);
    }
    // A way in that is not known here.
    filter.end(SECCOMP_RET_ALLOW);
    const sock_fprog program = filter.program();
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

}  // namespace thimble::host
