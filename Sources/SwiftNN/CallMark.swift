import SNNCore
import Synchronization

/// A word that says whether a session is predicting, written by whoever begins and ends its calls:
/// the C interface, which does so with the very operation that keeps the session's handle alive.
///
/// It takes the place of the model's count of readers: see `Gate.besideMark` for why that is sound.
package struct CallMark: @unchecked Sendable {
    // Sendable: the word is an atomic and lives as long as the process.
    /// The bits that count running calls.
    package static let calls: UInt64 = 0xffff

    private let word: UnsafeMutablePointer<Atomic<UInt64>>

    package init(_ word: UnsafeMutablePointer<Atomic<UInt64>>) {
        self.word = word
    }

    /// Whether a call runs.
    var isSet: Bool { word.pointee.load(ordering: .sequentiallyConsistent) & CallMark.calls != 0 }
}

/// The marks of the sessions of a model. Apart from the words that readers load, so that none of
/// them is touched by a change of the list.
final class CallMarks: @unchecked Sendable {
    // Sendable: the lock guards the list.
    struct Link {
        let mark: CallMark
        var previous: Place?
        var next: Place?
    }

    /// Where a mark stands, by which it is removed at once among however many.
    typealias Place = UnsafeMutablePointer<Link>

    private let lock = Lock()
    private var first: Place?

    /// It and `remove` are for those who hold the process's lock as well, so that no fork comes in
    /// between: the child's list is whole.
    func add(_ mark: CallMark) -> Place {
        let place = Place.allocate(capacity: 1)
        lock.whileLocked {
            place.initialize(to: Link(mark: mark, previous: nil, next: first))
            first?.pointee.previous = place
            first = place
        }
        return place
    }

    func remove(_ place: Place) {
        lock.whileLocked {
            let (previous, next) = (place.pointee.previous, place.pointee.next)
            if let previous { previous.pointee.next = next } else { first = next }
            next?.pointee.previous = previous
        }
        place.deallocate()
    }

    var isAnySet: Bool {
        lock.whileLocked {
            var place = first
            while let here = place {
                if here.pointee.mark.isSet { return true }
                place = here.pointee.next
            }
            return false
        }
    }
}
