#include "thimble/feeds/feed_settings.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// Whatever the document says, a file never leads out of the feed's folder.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const auto settings =
        feeds::settings_from({static_cast<const char*>(static_cast<const void*>(bytes)), size}, {});
    if (settings) {
        for (const feeds::FeedSettings& feed : settings->feeds) {
            for (const feeds::RemoteFile& file : feed.files) {
                THIMBLE_CHECK(!file.path.starts_with('/') && !file.path.starts_with("../"));
                THIMBLE_CHECK(!feeds::scheme_of(file.address).empty());
            }
        }
    }
    return 0;
}
