using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Simulator;
using Protean.Tests.Cryptography;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.Consensus;

public sealed class EvidenceTests
{
    private static readonly CheapSignatures Scheme = new();
    private static readonly Committee Committee = Cluster.CommitteeOf(4);
    private static readonly MemberId Culprit = new(2);

    [Fact]
    [LeavesOut(typeof(Evidence), nameof(Evidence.Checks))]
    public void Each_check_of_evidence_is_needed()
    {
        var context = ContextOf(Committee.Hash);
        var (a, b) = (Vote.Finalize(5, Hash.H("a", [])), Vote.Finalize(5, Hash.H("b", [])));
        var good = Of(context, a, b);
        Fixtures.EachCheckIsNeeded(Evidence.Checks, Case(good),
            ("PRT-EVI-0001", Case(Of(ContextOf(Hash.H("another", [])), a, b))),
            ("PRT-EVI-0002", Case(good with { Culprit = new MemberId(5) })),
            ("PRT-EVI-0003", Case(Of(context, a, a))),
            ("PRT-EVI-0003", Case(Of(context, a, b with { View = 6 }))),
            ("PRT-EVI-0003", Case(Of(context, a, Vote.Notarize(5, Hash.H("b", []))))),
            ("PRT-EVI-0004", Case(good with { FirstSignature = good.SecondSignature })),
            ("PRT-EVI-0005", Case(good with { SecondSignature = good.FirstSignature })));
    }

    private static EvidenceCase Case(Evidence evidence) => new(evidence, Committee, Scheme);

    private static UnitContext ContextOf(Digest committee) => new(Hash.H("test/chain", []), Hash.H("test/unit", []), 1, committee);

    private static Evidence Of(UnitContext context, Vote first, Vote second) =>
        Evidence.OfVotes(EvidenceKind.TwoFinalize, context, Culprit, Sign(context, first), Sign(context, second));

    private static SignedVote Sign(UnitContext context, Vote vote) =>
        new(vote, Scheme.Sign(Cluster.KeyOf(Culprit), vote.SignedPayload(context)));
}
