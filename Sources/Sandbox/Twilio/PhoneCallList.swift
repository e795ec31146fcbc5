import FoundationEssentials
import OrderedCollections

/// `GET Calls.json`: filters and pages, newest call first.
struct PhoneCallList {
    private let request: VendorRequest
    private let query: [Parameter]
    private let pageSize: Int
    private let status: PhoneCall.Status?
    private var times: [TimeFilter] = []

    /// `StartTime`, `StartTime<`, … with a date or a date-time.
    private struct TimeFilter {
        let time: @Sendable (PhoneCall) -> Date?
        let relation: Character?
        let bound: (date: Date, isDay: Bool)

        func admits(_ call: PhoneCall) -> Bool {
            guard let time = time(call) else { return false }
            let seconds = time.timeIntervalSince1970.rounded(.down)
            let bound = bound.date.timeIntervalSince1970
            switch relation {
            case "<": return seconds <= bound
            case ">": return seconds >= bound
            default: return seconds >= bound && seconds < bound + (self.bound.isDay ? 86400 : 1)
            }
        }
    }

    init(_ request: VendorRequest) throws(TwilioProblem) {
        self.request = request
        query = request.query
        if let text = query["PageSize"] {
            guard let size = Int(text), size >= 1 else { throw .badValue("PageSize", text) }
            pageSize = min(size, 1000)
        } else {
            pageSize = 50
        }
        if let text = query["Status"] {
            guard let status = PhoneCall.Status(rawValue: text) else { throw .badValue("Status", text) }
            self.status = status
        } else {
            status = nil
        }
        let times: [(String, @Sendable (PhoneCall) -> Date?)] = [
            ("StartTime", { $0.started }), ("EndTime", { $0.ended }),
        ]
        for (name, time) in times {
            for relation in ["", "<", ">"] {
                guard let text = query[name + relation] else { continue }
                guard let bound = VendorTime.parse(text) else { throw .badValue(name + relation, text) }
                self.times.append(TimeFilter(time: time, relation: relation.first, bound: bound))
            }
        }
    }

    func answer(_ state: SandboxState) throws(TwilioProblem) -> VendorAnswer {
        let all = state.phoneCalls.values.reversed().filter(admits)
        var begin = 0
        if let token = query["PageToken"] {
            guard token.hasPrefix("PA"), let last = all.firstIndex(where: { $0.sid == token.dropFirst(2) }) else {
                throw .badValue("PageToken", token)
            }
            begin = last + 1
        }
        let page = all[begin...].prefix(pageSize)
        let number = min(max(0, query["Page"].flatMap(Int.init) ?? 0), 1_000_000)
        let start = number * pageSize
        var next: String?
        if let last = page.last, page.endIndex < all.endIndex {
            next = uri(page: number + 1, token: "PA\(last.sid)")
        }
        return .json([
            "calls": .array(page.map(\.json)), "page": .int(number), "page_size": .int(pageSize),
            "start": .int(start), "end": .int(max(start, start + page.count - 1)),
            "uri": .string(request.target), "first_page_uri": .string(uri(page: 0, token: nil)),
            "previous_page_uri": JSON(number > 0 ? uri(page: 0, token: nil) : nil), "next_page_uri": JSON(next),
        ])
    }

    private func admits(_ call: PhoneCall) -> Bool {
        !call.isDeleted && query["ParentCallSid"] == nil
            && (query["To"].map { $0 == call.order.to } ?? true)
            && (query["From"].map { $0 == call.order.from } ?? true)
            && (status.map { $0 == call.status } ?? true)
            && times.allSatisfy { $0.admits(call) }
    }

    private func uri(page: Int, token: String?) -> String {
        var parameters = query.filter { !["PageSize", "Page", "PageToken"].contains($0.name) }
        parameters += [Parameter("PageSize", "\(pageSize)"), Parameter("Page", "\(page)")]
        if let token { parameters.append(Parameter("PageToken", token)) }
        return request.path + "?" + Form.encode(parameters)
    }
}
