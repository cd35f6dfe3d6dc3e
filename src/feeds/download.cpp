#include "thimble/feeds/download.hpp"

#include "thimble/feeds/transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

namespace thimble::feeds {
namespace {

struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// Keeps a bounded number of transfers going until all are done.
class Downloads {
public:
    Downloads(
        std::span<const DownloadRequest> requests,
        const DownloadSettings& settings,
        const DownloadProgress& progress)
        : settings_(settings), progress_(progress), multi_(curl_multi_init()) {
        THIMBLE_CHECK(multi_ != nullptr);
        for (const DownloadRequest& request : requests) {
            transfers_.push_back(std::make_unique<Transfer>(request, settings));
            waiting_.push_back(transfers_.back().get());
        }
    }

    std::vector<Result<DownloadOutcome>> run();

private:
    void start_some();
    void start(Transfer& transfer);
    void collect_finished();
    void report() const;

    const DownloadSettings& settings_;
    const DownloadProgress& progress_;
    std::unique_ptr<CURLM, FreeMulti> multi_;
    std::vector<std::unique_ptr<Transfer>> transfers_;
    std::deque<Transfer*> waiting_;
    unsigned running_ = 0;
};

std::vector<Result<DownloadOutcome>> Downloads::run() {
    start_some();
    while (running_ > 0) {
        int still_running = 0;
        curl_multi_perform(multi_.get(), &still_running);
        collect_finished();
        report();
        start_some();
        if (running_ > 0) {
            constexpr int kPollMs = 200;
            curl_multi_poll(multi_.get(), nullptr, 0, kPollMs, nullptr);
        }
    }
    std::vector<Result<DownloadOutcome>> results;
    results.reserve(transfers_.size());
    for (const auto& transfer : transfers_) {
        results.push_back(transfer->result());
    }
    return results;
}

void Downloads::start_some() {
    while (!waiting_.empty() && running_ < std::max(settings_.max_parallel, 1U)) {
        Transfer* next = waiting_.front();
        waiting_.pop_front();
        start(*next);
    }
}

void Downloads::start(Transfer& transfer) {
    if (transfer.prepare()) {
        curl_multi_add_handle(multi_.get(), transfer.handle());
        ++running_;
    }
}

void Downloads::collect_finished() {
    int queued = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &queued)) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        CURL* handle = message->easy_handle;
        const CURLcode code = message->data.result;
        const auto found = std::ranges::find_if(
            transfers_, [handle](const auto& transfer) { return transfer->handle() == handle; });
        THIMBLE_CHECK(found != transfers_.end());
        curl_multi_remove_handle(multi_.get(), handle);
        --running_;
        if ((*found)->finish(code) == Transfer::Next::Again) {
            waiting_.push_front(found->get());
        }
    }
}

void Downloads::report() const {
    if (!progress_) {
        return;
    }
    std::uint64_t received = 0;
    std::uint64_t expected = 0;
    for (const auto& transfer : transfers_) {
        received += transfer->received();
        expected += transfer->expected();
    }
    progress_(received, expected);
}

}  // namespace

std::vector<Result<DownloadOutcome>> download_all(
    std::span<const DownloadRequest> requests,
    const DownloadSettings& settings,
    const DownloadProgress& progress) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    THIMBLE_CHECK(kReady == CURLE_OK);
    return Downloads(requests, settings, progress).run();
}

}  // namespace thimble::feeds
