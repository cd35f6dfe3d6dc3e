#include "thimble/calendar/span.hpp"

#include <algorithm>
#include <tuple>

namespace thimble::calendar {

std::vector<Span> merged(std::vector<Span> spans) {
    std::erase_if(spans, [](const Span& span) { return span.begin >= span.end; });
    std::ranges::sort(spans, {}, [](const Span& span) { return std::tie(span.begin, span.end); });
    std::vector<Span> whole;
    for (const Span& span : spans) {
        if (!whole.empty() && span.begin <= whole.back().end) {
            whole.back().end = std::max(whole.back().end, span.end);
        } else {
            whole.push_back(span);
        }
    }
    return whole;
}

std::vector<Span> subtracted(std::vector<Span> spans, std::vector<Span> without) {
    const std::vector<Span> gaps = merged(std::move(without));
    std::vector<Span> left;
    for (Span span : merged(std::move(spans))) {
        auto gap = std::ranges::upper_bound(gaps, span.begin, {}, &Span::end);
        for (; gap != gaps.end() && gap->begin < span.end; ++gap) {
            if (span.begin < gap->begin) {
                left.push_back({span.begin, gap->begin});
            }
            span.begin = gap->end;
        }
        if (span.begin < span.end) {
            left.push_back(span);
        }
    }
    return left;
}

}  // namespace thimble::calendar
