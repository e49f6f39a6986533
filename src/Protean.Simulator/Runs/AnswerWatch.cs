using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;

namespace Protean.Simulator.Runs;

/// <summary>Watches what clients are answered: receipts hold and altered ones do not, the same question has the same answer, and what was
/// acknowledged is what was executed.</summary>
public sealed class AnswerWatch(Surroundings network, Dice dice)
{
    private readonly ReceiptVerifier _verifier = new(network.Directory, network.Scheme, new VerifiedSeals());
    private readonly Dictionary<Digest, (Digest Leaf, Digest Outputs)> _answers = [];

    /// <summary>Replay keys with an acknowledged result.</summary>
    public IEnumerable<Digest> Acknowledged => _answers.Keys;

    public bool IsBelievable(Asked asked, Reply.Done done) =>
        _verifier.Verify(done.Receipt, asked.Claim(network.UnitId)) is null && done.Outputs.Digest == done.Receipt.Leaf.OutputDigest;

    public void Answered(Asked asked, Reply.Done done)
    {
        var refusal = _verifier.Verify(done.Receipt, asked.Claim(network.UnitId));
        Invariants.ReceiptsHold.Require(refusal is null, () => $"the receipt of {asked.Function} does not hold: {refusal}");
        Invariants.ReceiptsHold.Require(
            done.Outputs.Digest == done.Receipt.Leaf.OutputDigest, () => $"the outputs of {asked.Function} are not its receipt's");
        Invariants.ReceiptsHold.Require(asked.Lie is null, () => $"{asked.Function} was acknowledged to a lying client");
        var answer = (done.Receipt.Leaf.Hash, done.Outputs.Digest);
        var invariant = done.Record.Length > 0 ? Invariants.RandomnessFixed : Invariants.ExecutedOnce;
        if (!_answers.TryAdd(asked.ReplayKey, answer))
            invariant.Require(_answers[asked.ReplayKey] == answer, () => $"{asked.Function} has two answers under one replay key");
        if (dice.Chance(200)) Refuse(asked, done.Receipt);
    }

    // What differs in one field from a receipt must not be one.
    private void Refuse(Asked asked, Receipt receipt)
    {
        var (what, altered) = Altered(receipt);
        var verifier = new ReceiptVerifier(network.Directory, network.Scheme, new VerifiedSeals());
        Invariants.ReceiptsHold.Require(
            verifier.Verify(altered, asked.Claim(network.UnitId)) is not null, () => $"a receipt of {asked.Function} with {what} verifies");
        var other = asked.Claim(network.UnitId) with { ReplayKey = Hash.H("simulated/other", asked.ReplayKey.Span) };
        Invariants.ReceiptsHold.Require(
            verifier.Verify(receipt, other) is not null, () => $"a receipt of {asked.Function} verifies for another operation");
    }

    private (string What, Receipt Receipt) Altered(Receipt receipt)
    {
        var (leaf, seal, header) = (receipt.Leaf, receipt.Seal, receipt.Header);
        var signatures = seal.Certificate;
        MemberId[] few = [.. network.Committee.Ids.Take(network.Faulty)];
        return dice.Between(0, 9) switch
        {
            0 => ("another output", receipt with { Leaf = leaf with { OutputDigest = Hash.H("simulated/other", leaf.OutputDigest.Span) } }),
            1 => ("another status", receipt with { Leaf = leaf with { Status = leaf.Status == ResultStatus.Ok ? ResultStatus.Failed : ResultStatus.Ok } }),
            2 => ("other inputs", receipt with { Leaf = leaf with { InputsDigest = Hash.H("simulated/other", leaf.InputsDigest.Span) } }),
            3 => ("another height", Sealed(receipt, header with { Height = header.Height + 1 }, signatures)),
            4 => ("another state", Sealed(receipt, header with { StateRoot = Hash.H("simulated/other", header.StateRoot.Span) }, signatures)),
            5 => ("another epoch", Sealed(receipt, header with { Context = header.Context with { Epoch = 1 } }, signatures)),
            6 => ("another unit's seal", ByAnotherUnit(receipt)),
            7 => ("one signature too few", Sealed(receipt, header, network.Sign(header.SignedPayload(), signatures.Signers.Skip(1)))),
            8 => ("a seal of f members", Sealed(receipt, header, network.Sign(header.SignedPayload(), few))),
            _ => ("one signature many times", Sealed(receipt, header, signatures with { Signatures = [.. signatures.Signatures.Select(_ => signatures.Signatures[0])] })),
        };
    }

    private Receipt ByAnotherUnit(Receipt receipt)
    {
        var header = receipt.Header with { Context = network.ContextOf(network.IdOf(Surroundings.Oracle)) };
        return Sealed(receipt, header, network.Sign(header.SignedPayload()));
    }

    private static Receipt Sealed(Receipt receipt, SealHeader header, QuorumSignature by) => receipt with { Seal = new SealedHeader(header, by) };
}
