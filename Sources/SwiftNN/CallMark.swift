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
    /// The calls were a parent's: there is none in this process.
    package static let isAbandoned: UInt64 = 1 << 18

    private let word: UnsafeMutablePointer<Atomic<UInt64>>

    package init(_ word: UnsafeMutablePointer<Atomic<UInt64>>) {
        self.word = word
    }

    /// Whether a call runs.
    var isSet: Bool {
        let now = word.pointee.load(ordering: .sequentiallyConsistent)
        return now & CallMark.calls != 0 && now & CallMark.isAbandoned == 0
    }

    func isSame(as other: CallMark) -> Bool { word == other.word }
}

/// The marks of the sessions of a model. Apart from the words that readers load, so that none of
/// them is touched by a change of the list.
final class CallMarks: @unchecked Sendable {
    // Sendable: the lock guards the list.
    private let lock = Lock()
    private var marks: [CallMark] = []

    /// Gives how many marks there are more than before.
    func change(_ body: (inout [CallMark]) -> Void) throws(SNNError) -> Int {
        try lock.whileLocked { () throws(SNNError) in
            let before = marks.count
            body(&marks)
            return marks.count - before
        }
    }

    /// True also where the lock fails.
    var isAnySet: Bool {
        (try? lock.whileLocked { () throws(SNNError) in marks.contains { $0.isSet } }) ?? true
    }
}
