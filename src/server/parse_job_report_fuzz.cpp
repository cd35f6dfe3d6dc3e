// What a host reports of a job: the first byte says of which kind, the rest is content and document.
#include "thimble/server/parse_job_report.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<const char*, 4> kKinds{
        "job.progress", "job.waiting", "job.result", "job.refused"};
    constexpr std::array<const char*, 4> kJobs{"prefetch", "rehearse", "apply", "verify"};
    if (size == 0) {
        return 0;
    }
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::size_t end = std::min(text.find('\n'), text.size());
    const auto report = thimble::server::parse_job_report(
        {1, kKinds.at(data[0] % kKinds.size()), std::string(text.substr(0, end))});
    const std::string_view document = text.substr(std::min(end + 1, text.size()));
    if (report) {
        const auto job_end = thimble::server::end_of_job(
            *report, {kJobs.at(data[0] / kKinds.size() % kJobs.size()), document});
        if (job_end.why.size() > 2000) {
            __builtin_trap();
        }
    }
    (void)thimble::server::plan_of_document("", document);
    (void)thimble::server::left_out_of_document(document);
    return 0;
}
