using System.Diagnostics;
using System.Globalization;
using Protean.Fuzz;
using SharpFuzz;

return args switch
{
    ["list"] => List(),
    ["seeds"] => WriteSeeds(),
    ["replay", var name, .. var files] => Replay(name, files),
    ["run", var seconds, .. var names] => Run(int.Parse(seconds, CultureInfo.InvariantCulture), names),
    ["afl", var name] => Afl(name),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        list                          names every target
        seeds                         adds good inputs to the corpus
        replay TARGET FILE...         reads files, as the fuzzer left them
        run SECONDS [TARGET...]       mutates the corpus in this process, each target for its share of the time
        afl TARGET                    what afl-fuzz starts (see fuzz.sh)
        """);
    return 2;
}

static int List()
{
    foreach (var target in Targets.All) Console.WriteLine(target.Name);
    return 0;
}

static int WriteSeeds()
{
    Corpus.AddSeeds();
    foreach (var target in Targets.All.Where(static target => Corpus.Of(target).Count == 0)) Console.WriteLine($"none for {target.Name}");
    return 0;
}

static int Replay(string name, IReadOnlyList<string> files)
{
    var target = Named(name);
    foreach (var file in files) Console.WriteLine($"{file}: {(target.Try(File.ReadAllBytes(file)) ? "accepted" : "refused")}");
    return 0;
}

static int Run(int seconds, IReadOnlyList<string> names)
{
    FuzzTarget[] targets = names.Count == 0 ? [.. Targets.All] : [.. names.Select(Named)];
    var (seed, broken) = (Environment.TickCount, 0);
    foreach (var target in targets)
    {
        var (until, tried) = (TimeSpan.FromSeconds((double)seconds / targets.Length), Campaign.None);
        var begun = Stopwatch.GetTimestamp();
        try
        {
            while (Stopwatch.GetElapsedTime(begun) < until) tried += Campaign.Of(target, seed++, inputs: 500);
            Console.WriteLine($"{target.Name}: {tried}");
        }
        catch (BrokenLawException law)
        {
            broken++;
            Console.WriteLine($"{law.Message}\nkept as {Corpus.Add(target, law.Input)}");
        }
    }
    return broken == 0 ? 0 : 1;
}

static int Afl(string name)
{
    // Instrumented code runs only once the fuzzer shares its memory: nothing of the system is touched before.
    FuzzTarget? target = null;
    Fuzzer.Run(stream =>
    {
        using var input = new MemoryStream();
        stream.CopyTo(input);
        (target ??= Named(name)).Try(input.ToArray());
    });
    return 0;
}

static FuzzTarget Named(string name) => Targets.Find(name) ?? throw new ArgumentException($"no target {name}; `list` names them");
