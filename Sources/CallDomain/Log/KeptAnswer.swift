/// The text of an `Idempotency-Key`, and whose it is: the same text sent with another API key is a different key.
package struct KeyName: Sendable, Hashable {
    /// The name of the API key.
    package let caller: String
    package let key: String

    package init(caller: String, key: String) {
        self.caller = caller
        self.key = key
    }
}

/// What an order with an `Idempotency-Key` claims.
package struct KeyClaim: Sendable, Hashable {
    package let name: KeyName
    /// Of path and body: the same digest is the same request.
    package let digest: [UInt8]

    package init(name: KeyName, digest: [UInt8]) {
        self.name = name
        self.digest = digest
    }
}

/// An answer as it was given, to be given again byte for byte.
package struct KeptAnswer: Sendable, Equatable {
    /// HTTP status.
    package let status: Int
    package let contentType: String
    package let location: String?
    package let body: [UInt8]

    package init(status: Int, contentType: String, location: String?, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.location = location
        self.body = body
    }
}

/// What a key means for the request that carries it.
package enum KeyState: Sendable, Equatable {
    /// Nobody has used it, or what used it did nothing.
    case free
    case replay(KeptAnswer)
    case inProgress
    /// It came with another request before.
    case otherRequest
    /// Its call was erased, and the answer with it.
    case erased
}
