using Protean.Cryptography;
using Protean.Membership;
using Protean.Sealing;

namespace Protean.Runtime;

/// <summary>What a client signs: the inputs as admission will find them, so a client that shows wrong proofs learns it before it
/// asks.</summary>
public static class RequestSigning
{
    /// <param name="request">With all its proofs; signatures in it do not matter.</param>
    /// <param name="directory">The network's.</param>
    /// <param name="transactions">What the unit asked publishes.</param>
    /// <param name="payload">The bytes to sign with every key that the step needs.</param>
    /// <returns>Null, or which input has no value.</returns>
    public static Refusal? TryPayload(Request request, IDirectory directory, IReadOnlyList<Transaction> transactions, out byte[]? payload)
    {
        var refusal = Resolve(request, directory, transactions, out var subject);
        payload = refusal is null ? subject.SignedPayload : null;
        return refusal;
    }

    /// <summary>The inputs that the unit will execute on, as the request claims them; null with the refusal.</summary>
    public static Refusal? TryResolve(
        Request request, IDirectory directory, IReadOnlyList<Transaction> transactions, out IReadOnlyList<AdmittedInput>? inputs)
    {
        var refusal = Resolve(request, directory, transactions, out var subject);
        inputs = refusal is null ? subject.Inputs : null;
        return refusal;
    }

    private static Refusal? Resolve(Request request, IDirectory directory, IReadOnlyList<Transaction> transactions,
        out AdmissionCase subject)
    {
        var context = new AdmissionContext(default, 0, 0, 0, transactions, directory, null);
        subject = AdmissionCase.Of(request, context, Ed25519Scheme.Instance,
            new ReceiptVerifier(directory, Ed25519Scheme.Instance, new VerifiedSeals()), null);
        return new Requirements<AdmissionCase>(AdmissionChecks.Published, AdmissionChecks.InputsHaveValues,
            AdmissionChecks.InputsAreOfTheirKinds).FirstRefusal(subject, static asked => asked.Name);
    }

    /// <summary>The request with one more signature.</summary>
    public static Request With(this Request request, KeySignature signature) => request switch
    {
        Request.Planned planned => planned with { Signatures = Add(request, signature) },
        Request.Direct direct => direct with { Signatures = Add(request, signature) },
        _ => throw new InvalidOperationException("a request is planned or direct"),
    };

    private static KeySignature[] Add(Request request, KeySignature signature) =>
        [.. request.Signatures.Where(other => other.Key != signature.Key).Append(signature).OrderBy(static one => one.Key)];
}
