package import CallDomain
import Synchronization

/// An event on its way to readers, who share what it is sent as.
package final class PublishedEvent: Sendable {
    package let notice: CallNotice
    private let rendering = Mutex<(any Sendable)?>(nil)

    package init(_ notice: CallNotice) { self.notice = notice }

    /// What `render` makes of the event, made once: everybody asks for the same.
    package func rendered<Rendering: Sendable>(_ render: (CallNotice) -> Rendering) -> Rendering {
        rendering.withLock { known in
            if let known = known as? Rendering { return known }
            let rendered = render(notice)
            known = rendered
            return rendered
        }
    }
}

/// What a reader is given next.
package enum EventDelivery: Sendable {
    case events([PublishedEvent])
    /// Events after the place from which the reader wanted to go on are not known any more; those that are known follow.
    case gap
    /// Nothing has happened for so long that the connection needs a sign of life.
    case quiet
    /// The last delivery.
    case end(EventStreamEnd)
}

/// Why a stream of events ends.
package enum EventStreamEnd: String, Sendable, CaseIterable {
    /// The reader took events more slowly than they happened.
    case slow
    /// The gateway stops.
    case stopping
    /// The call is over, and the time for late events has passed.
    case over
}
