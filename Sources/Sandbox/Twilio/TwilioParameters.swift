extension [Parameter] {
    /// An absolute URL and the method to request it with; `nil` when there is no URL.
    func target(_ urlName: String, _ methodName: String, code: Int) throws(TwilioProblem) -> WebhookTarget? {
        let method = self[methodName] ?? "POST"
        guard ["GET", "POST"].contains(method.uppercased()) else {
            throw TwilioProblem(21209, "Invalid \(methodName) value: \(method)")
        }
        guard let url = self[urlName] else { return nil }
        guard let parts = URLParts(url), ["http", "https"].contains(parts.scheme.lowercased()) else {
            throw TwilioProblem(code, "\(urlName) is not a valid URL: \(url)")
        }
        return WebhookTarget(url: url, method: method.uppercased())
    }

    /// `true` or `false`; absent is false.
    func flag(_ name: String) throws(TwilioProblem) -> Bool {
        switch self[name]?.lowercased() {
        case nil, "false": false
        case "true": true
        case .some(let text): throw .badValue(name, text)
        }
    }

    /// `TimeLimit`, in seconds.
    func timeLimit() throws(TwilioProblem) -> Int? {
        guard let text = self["TimeLimit"] else { return nil }
        guard let seconds = Int(text), (1...86400).contains(seconds) else { throw .badValue("TimeLimit", text) }
        return seconds
    }
}

extension String {
    /// `+`, a country code without leading zero, at most 15 digits in all.
    /// <https://www.twilio.com/docs/glossary/what-e164>
    var isE164: Bool {
        let digits = utf8.dropFirst()
        return utf8.first == UInt8(ascii: "+") && (2...15).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && digits.first != UInt8(ascii: "0")
    }
}
