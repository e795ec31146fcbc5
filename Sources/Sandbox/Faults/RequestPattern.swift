/// Which requests a rule is about.
package struct RequestPattern: Sendable, Equatable {
    /// A name, or a method and a path: `GET /api/calls/*`.
    package let text: String
    private let method: String
    private let path: [String]

    /// Every request.
    package static let any = RequestPattern(text: "any", "*", ["**"])
    /// Twilio's `POST …/Calls.json`.
    package static let createCall = RequestPattern(
        text: "create_call",
        "POST",
        ["2010-04-01", "Accounts", "*", "Calls.json"]
    )
    /// Ultravox's `POST /api/agents/{id}/calls`.
    package static let createAgentCall = RequestPattern(
        text: "create_agent_call",
        "POST",
        ["api", "agents", "*", "calls"]
    )

    /// What may be named at a vendor.
    static func named(_ vendor: Ledger.Vendor) -> [RequestPattern] {
        switch vendor {
        case .twilio: [.any, .createCall]
        case .ultravox: [.any, .createAgentCall]
        }
    }

    private init(text: String, _ method: String, _ path: [String]) {
        self.text = text
        self.method = method
        self.path = path
    }

    /// `METHOD /path`: the method in capitals, or `*` for any. A `*` stands for any part of one segment; the segment
    /// `**` at the end stands for all the rest.
    package init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 2, words[1].hasPrefix("/"), !words[1].contains("?"),
            words[0] == "*" || (!words[0].isEmpty && words[0].utf8.allSatisfy { (0x41...0x5A).contains($0) })
        else { return nil }
        let path = words[1].split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
        let isValid = path.enumerated().allSatisfy { index, segment in
            segment == "**" ? index == path.count - 1 : segment.count { $0 == "*" } <= 1
        }
        guard isValid else { return nil }
        self.init(text: text, String(words[0]), path)
    }

    /// `target` may have a query, which does not matter.
    func matches(method: String, target: String) -> Bool {
        guard self.method == "*" || self.method == method else { return false }
        var segments = target.prefix { $0 != "?" }
            .split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst()
        for pattern in path {
            if pattern == "**" { return true }
            guard let segment = segments.popFirst(), Self.matches(pattern, segment) else { return false }
        }
        return segments.isEmpty
    }

    private static func matches(_ pattern: String, _ segment: Substring) -> Bool {
        guard let star = pattern.firstIndex(of: "*") else { return pattern == segment }
        let (head, tail) = (pattern[..<star], pattern[pattern.index(after: star)...])
        return segment.utf8.count >= head.utf8.count + tail.utf8.count && segment.hasPrefix(head)
            && segment.hasSuffix(tail)
    }
}
