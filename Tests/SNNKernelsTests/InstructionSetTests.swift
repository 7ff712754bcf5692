import CSystem
import SNNKernels
import SNNTestSupport
import Testing

struct InstructionSetTests {
    @Test func environmentLowersTheChoiceOnly() {
        let best = InstructionSet.supported.last!
        #expect(InstructionSet.choose(limit: nil) == best)
        #expect(InstructionSet.choose(limit: "base") == .base)
        for name in ["", "AVX2", "avx", "avx5120", "sse"] {
            #expect(InstructionSet.choose(limit: name) == best, "\(name) is unknown")
        }
        for set in InstructionSet.allCases {
            let chosen = InstructionSet.choose(limit: set.name.description)
            #expect(chosen == (set.isSupported ? set : best))
        }
    }

    @Test func unknownNamesAreKnownAsSuch() {
        for name in ["base", "avx2", "avx512", ""] {
            #expect(InstructionSet.isKnown(limit: name), "\(name)")
        }
        #expect(InstructionSet.isKnown(limit: nil))
        for name in ["AVX2", "avx", "avx5120", "sse", " "] {
            #expect(!InstructionSet.isKnown(limit: name), "\(name)")
        }
    }

    @Test func eachSetHasOneTableOfItsOwn() {
        let tables = InstructionSet.allCases.map(\.kernels)
        #expect(Set(tables).count == 3)
        #expect(InstructionSet.allCases.map(\.kernels) == tables)
    }

    @Test func bestIsWhatTheEnvironmentAsksFor() {
        #expect(InstructionSet.best.isSupported)
        #expect(InstructionSet.best == .choose(limit: getenv("SWIFTNN_ISA")))
    }
}
