// Times the layers' matrix product; lines in, lines out, as Benchmarks/README.md describes.

import Glibc
import SNNKernels

/// Answers at once: standard output is a pipe, which would keep the line.
func answer(_ text: String) {
    print(text)
    fflush(nil)
}

var work: ProductWork?
answer("ready kernels \(InstructionSet.best.name)")

while let line = readLine() {
    let request = Request(line)
    switch request.verb {
    case "prepare":
        work = ProductWork(request)
        work?.run()
        answer(work == nil ? "error only products: mode=sgemm threads= m= n= k=" : "ok")
    case "measure":
        guard let work, let seconds = request.number("seconds") else {
            answer("error nothing is prepared, or no seconds=")
            continue
        }
        answer("ok seconds=\(medianSeconds(over: seconds, of: work.run))")
    default:
        answer("error unknown request \(request.verb)")
    }
}
