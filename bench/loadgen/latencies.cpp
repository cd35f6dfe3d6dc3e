#include "latencies.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace thimble::loadgen {

std::string Latencies::text() const {
    if (microseconds_.empty()) {
        return "no answer";
    }
    std::vector<long> sorted = microseconds_;
    std::ranges::sort(sorted);
    const auto at = [&](std::size_t percent) {
        const long us = sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
        return static_cast<double>(us) / 1000.0;
    };
    return fmt::format("p50 {:.1f} ms, p99 {:.1f} ms, most {:.1f} ms", at(50), at(99), at(100));
}

namespace {

double seconds_in(const std::string& file) {
    std::ifstream in(file);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    // The name, in parentheses, may hold spaces; eleven fields later come utime and stime.
    std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
    std::string passed;
    for (int field = 0; field < 11; ++field) {
        fields >> passed;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

double processor_seconds(long process) {
    return seconds_in(fmt::format("/proc/{}/stat", process));
}

double first_thread_seconds(long process) {
    return seconds_in(fmt::format("/proc/{0}/task/{0}/stat", process));
}

}  // namespace thimble::loadgen
