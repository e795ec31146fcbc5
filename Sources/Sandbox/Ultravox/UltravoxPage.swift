import FoundationEssentials

/// A page of a list: an opaque cursor, absolute addresses of the neighbours.
struct UltravoxPage {
    private let request: VendorRequest
    private let address: String

    init(_ request: VendorRequest, address: String?) {
        self.request = request
        self.address = address ?? ""
    }

    /// The page of all `entries` that the filters admit; they are in order and their ids are unique.
    func answer(_ entries: [(id: String, json: JSON)]) -> VendorAnswer {
        let query = request.query
        let size = min(max(query["pageSize"].flatMap(Int.init) ?? 20, 1), 200)
        var begin = 0
        if let cursor = query["cursor"] {
            guard let bytes = Data(base64Encoded: cursor),
                let last = entries.firstIndex(where: { $0.id == String(decoding: bytes, as: UTF8.self) })
            else { return UltravoxProblem.detail("Invalid cursor", status: 404).answer }
            begin = last + 1
        }
        let page = entries[begin...].prefix(size)
        var next: String?
        if let last = page.last, page.endIndex < entries.endIndex { next = link(after: last.id, size) }
        var previous: String?
        if begin > 0 { previous = link(after: begin > size ? entries[begin - size - 1].id : nil, size) }
        return .json([
            "next": JSON(next), "previous": JSON(previous), "results": .array(page.map(\.json)),
            "total": .int(entries.count),
        ])
    }

    private func link(after id: String?, _ size: Int) -> String {
        var query = request.query.filter { !["cursor", "pageSize"].contains($0.name) }
        if let id { query.append(Parameter("cursor", Data(id.utf8).base64EncodedString())) }
        query.append(Parameter("pageSize", "\(size)"))
        return address + request.path + "?" + Form.encode(query)
    }
}
