//! Word lists by class. Add a word if treating it as distinctive caused a false match.

/// A word, a colon, and its abbreviations.
pub(crate) const ABBREVIATIONS: &str = "
export: eksport
rental: rntl rntls
landscaping: landscpg
refrigeration: refrig
heating: htg
trucking: trkg
factory: fabrika
energy: energia energiya energie
state: gosudarstvennyy gosudarstvennoe
plant: zavod
agency: agentstvo agencia agence agcy
union: unione soyuz
mining: minera
company: kompaniya compania companhia
rashid: rasheed rachid
qasim: kassem kasim qassem qassim kassim
ahmad: ahmed
abdullah: abdallah abdulla
hussein: hussain husain husein
muhammad: mohammed mohamed mohammad muhammed mohamad
gray: grey
license: licence
program: programme
jeweler: jeweller jewellers
color: colour
harbor: harbour
labor: labour
organization: organisation
tire: tyre
aluminum: aluminium
theater: theatre
defense: defence
ministry: ministerio ministere ministerstvo ministero ministerium
holding: kholding hldg hldgs
bank: banco banque banca banka banken
concern: konzern kontsern konsern
2: ii
3: iii
4: iv
6: vi
7: vii
8: viii
9: ix
11: xi
12: xii
academy: acad
administration: admin adm
advertising: advtg
agriculture: agri agric agricultural
aircraft: acft
america: american amer americas
apartment: apt apts
architect: arch archts architecture architectural
associate: assoc assocs assn assns asso association associations
authority: auth
automotive: auto autos automobile
board: bd
brother: bros
building: bldg bldgs builder
business: bus
california: calif
center: ctr cntr centre ctrs centers tsentr zentrum centro
chemical: chem chems
college: coll
commission: commn
committee: cmte comte
communication: commun comms
community: cmty comty
computer: cmptr
construction: constr const construct construcciones construcao costruzioni cnstr
consulting: consult consultant consultants consultancy
contractor: contr contrs contracting contractors
control: ctrl ctl
cooperative: coop
county: cnty
department: dept depts dpt
development: dev devel devt dvlpmt
diagnostic: diag
director: dir
distribution: distr distrib distributor distributors distributing
district: dist
division: div
east: eastern
electric: elec electrical elect
electronic: electr
engineering: eng engr engrg engineer engineers engrs ingenieria inzhiniring
enterprise: ent entpr entps
entertainment: entmt
environmental: env envir envtl enviro environment
equipment: equip eqpt eqmt
exchange: exch
federal: fed federalnyy federalnoe
financial: fin finance
fort: ft
foundation: fdn fndn found
government: gov govt
group: grp groupe grupo gruppe gruppo gruppa grupa
health: hlth
healthcare: hlthcare
hospital: hosp
import: imp
independent: indep
industry: ind inds indust industrial industrie industria industrias industrija
information: info
institute: inst institut institution instituto istituto
instrument: instr
insurance: ins strakhovaya seguros versicherung
international: intl int internatl internacional internazionale internationale mezhdunarodnyy
investment: invest
janitorial: jan
laboratory: lab labs
logistic: log
machine: mach machinery
maintenance: maint
management: mgmt mgt mngmt mgnt
manufacturing: mfg mfrs mfgr manuf manufacturer manufacturers
marine: mar
market: mkt mkts
marketing: mktg
material: matl matls
mechanical: mech
medical: med
memorial: meml
metropolitan: metro
mount: mt
municipal: munic
national: natl nat nacional nazionale nationale natsionalnyy
north: northern
office: ofc off
operation: oper opns ops
partnership: ptnshp
partner: ptnr ptnrs
petroleum: petro petrol
pharmaceutical: pharm pharma pharms
plumbing: plbg
printing: print prtg
product: prod prods
production: prodn productions
professional: prof
property: prop props
protection: prot
psychology: psych
publication: publ pubs
publishing: pub
railroad: rr railway rwy
rehabilitation: rehab
research: res rsch
restaurant: rest
saint: st ste
school: sch schs
science: sci scientific
security: sec secur
service: svc svcs serv servs srvc srvcs servcs servis servicio servicios servizi
society: soc
software: sftwr
solution: soln solns sltns
south: southern
station: sta
studio: stu
supply: sup suply
surgery: surg
system: sys syst systs
technology: tech techs technol tec technical
telecommunication: telecom telecomm telecoms
television: tv
township: twp
training: trng trg
transportation: transp transport transpo transportes
us: usa
university: univ universite universitat universiteit universidad universitaet universita universitet universitesi
veterinary: vet
west: western
wholesale: whsl
";

/// A short form, a colon, and the words that it may stand for.
pub(crate) const AMBIGUOUS_ABBREVIATIONS: &str = "
comm:communication commission community commercial
com:communication commercial
cons:consulting construction
const:construction constable
dist:district distribution
inst:institute instrument
ind:industry independent
assn:associate
prod:product production
prog:program progressive
rec:recreation record
trans:transportation transmission
pub:publishing public
eq:equipment equity
div:division diversified
med:medical medicine
serv:service
cont:contractor continental
contr:contractor control
adv:advertising advance
dev:development
tel:telephone telecommunication
auto:automotive automation
corr:correction
stds:standard
tjara:trade trading commercial
tjarya:commercial trade trading
nql:transportation
";

/// Numbers, each with its word.
pub(crate) const NUMBERS: &str = "
1=one 2=two 3=three 4=four 5=five 6=six 7=seven 8=eight 9=nine 10=ten 11=eleven 12=twelve
13=thirteen 14=fourteen 15=fifteen 16=sixteen 17=seventeen 18=eighteen 19=nineteen 20=twenty
30=thirty 40=forty 50=fifty 60=sixty 70=seventy 80=eighty 90=ninety 100=hundred
1st=first 2nd=second 3rd=third 4th=fourth 5th=fifth 6th=sixth 7th=seventh 8th=eighth 9th=ninth
10th=tenth 11th=eleventh 12th=twelfth 20th=twentieth
";

/// Words of recipients that stand for others who are not named.
pub(crate) const PLACEHOLDER_WORDS: &str = "
undisclosed redacted miscellaneous misc multiple not withheld unknown unnamed unspecified privacy pii
awardee recipient unavailable
";

/// Words that may stand beside a placeholder word.
pub(crate) const PLACEHOLDER_FILLERS: &str = "
foreign domestic vendor payee supplier contractor individual person personnel personal available
applicable disclosed provided due to name names of the and for by no none other various private
confidential
";

/// Words that only join others.
pub(crate) const JOINING_WORDS: &str = "
of the and for in at on by an to from with de la du des der die das und et von van del di da
le les los las el y e en l d dba as
";

/// Trades and kinds of firms.
pub(crate) const GENERIC_WORDS: &str = "
academy access accounting acoustic acquisition advance advanced adventure advertising advisor
advisory aerospace affiliate agency aggregate agriculture aid aircraft airline alarm alliance
analytic analysis animal apartment apparel appliance application applied appraisal architect
armor art asphalt asset associate assurance attorney auction audio audit automatic automation
automotive aviation award ballistic bank bar battery benefit beverage bio body book
boat boiler bookstore bottling brand broadcasting brokerage brother builder building bureau business
cable cafe camera cap capital car care career carpet cash casting catering cement center chemical
children church cleaner cleaning clinic clinical cloth clothing club coalition coating coffee collection
college commerce commercial commission communication community computer computing concept
concrete conference conservation consortium construction consulting container contractor control
cooperative copy corporate council counseling counsel county court creative credit crane custom cyber
data datum defense delivery demolition dental design detection development diagnostic digital direct
disposal distribution door driving drug dry drywall dynamic ecology education educational electric
electronic elevator emergency employment energy engineering enterprise entertainment environmental
equipment estate event exchange executive expert express fabrication family farm federal federation
fence festival fiber film financial fire firearm firm fitness fleet flight floor flooring food
forensic forest foundation freight friend fuel fund furniture garage garden gas general generator
geotechnical glass global golf government graphic group guard gun hardware healthcare health heating
helicopter holding home hospital hospitality hotel house housing human hvac hydraulic image imaging
import improvement incident independent industry information infrastructure innovation innovative
inspection institute instrument instrumentation insurance integrated integration intelligence
intelligent interactive interior international internet interpreter interpreting inventory
investigation investigative investment investor irrigation it janitorial journal justice kennel kitchen
label labor laboratory land landscape landscaping landfill language laser laundry law leadership learning
leasing legal legacy library life lift light lighting limousine linen liquor litigation local location
lock locksmith logistic lumber machine magazine mail maintenance management manufacturing marine
maritime market marketing material mechanical media mediation medical medicine memorial mental metal
military mining ministry mobile mobility model mortgage motel motor moving multimedia
museum music national native natural neighborhood network networking new news newspaper nuclear
nursery nursing object office oil online operation optic optical optical organization outdoor paint
painting paper park parking part partner partnership party patrol paving pest pet petroleum
pharmaceutical pharmacy photo photography physical physician pipe pipeline plan planning plant plastic plaza
plumbing police polygraph pool power precision press print printing private process product production
professional program project promotion property protection protective psychology publication
publishing pump quality racing radio railroad range ready real realty recovery recreation recruiting
recycling refrigeration rehabilitation relocation rental repair reporter reporting research resource
resort response restaurant restoration retail risk roofing safety sale salon satellite school science screening
screw seal search sector security sensor service sewer sheet shelter shipping shop shooting sign signal singer site
small smart social society software solar solution sound source space special specialist specialized
specialty sport staffing staff standard stationery steel storage store strategy strategic street
structural studio supply support surgery surveillance survey surveying sustainable sweeping synergy
system tactical talent target team technology telecommunication telephone television temporary
terminal test testing textile theater theatre therapy tire title tool total tour towing town toxicology toy
trade trader trading trailer training transcription transfer transit translation transportation travel treatment
tree truck trucking trust uniform union university urban user utility vehicle vending venture
veterinary video virtual vision vocational voice warehouse waste water weapon web weld welding well wellness
wholesale window wire wireless wood work worker workforce working workshop world worldwide youth
npo npp npk nii kb company companies com net usa us abc xyz aaa aa acme a1 federalist co inc llc group dealer
collision air facility canine armored action cultural sanitation economic exterminating shredding
courier ink handling cartridge accessory arms rescue correctional contract document device
enforcement modular hauling gear depot dog operating personnel watch ordnance packaging
powersports portable relation gym factory coach chain automated aeronautical aerial armament
microwave traffic track rail rubber physics motorsports mill forestry hoist oilfield technique
aluminum box bearing cycle engineered owner arts chamber league blind women treasury polytechnic
medicine
abatement abstract acoustical actuarial actuary adjuster aging ambulance ambulatory ammo ammunition
analytical anesthesia aquatic arborist archaeological archaeology archive artist asbestos athletic
auctioneer auditor backflow bail bakery balloon bancorp banner barbecue barricade baseball basketball
bicycle bike billing bistro blueprint bond bonding boot boring botanical brake broker bulb cabinet
cabling calibration camp canvas cardiology caregiver carpentry caterer charity chiller chiropractic
choir civil claim compost condominium countertop cycling dairy dance daughter daycare deli dentistry
dermatology dispatch diving dock donut drainage drapery dredging drilling drone dumpster embroidery
engraving escrow excavating excavation eye fastener fitting fixture florist flower footwear funeral
gallery garbage geographic geologist geology gift glazing grading gravel greenhouse grill grocery
gutter hazardous hazmat homecare hose hospice hosting humane hydrology inn insulation jewelry k9
kindergarten lamp lawn limo linguistic lubricant machining mailing mapping marble masonry meat
messenger meter microfilm millwork mold mortuary muffler musical notary oncology opera orchestra
orthodontic orthopedic outfitter paging paramedic paratransit pathology pavement payroll
pediatric pension piano planner playground plow pneumatic podiatry postage poultry preschool produce
promotional propane psychiatry psychological publisher puppet radiator radiology realtor record
refuse remediation removal reprographic retirement rigging robotic rubbish salvage sand sandblasting
scanning scrap seafood sealing septic shade shoe siding signage snow soccer sod softball soil son sons
sprinkler stage stamping stenographic striping stump supermarket surety surgical surveyor swimming
tavern tax taxi tea tennis tent theatrical therapeutic translator transmission trash trauma
trophy turf tutoring upholstery urology vacuum valve waterproofing welfare wheel wildlife wrecking zoo
";

/// Words that often begin firms' names, and the most common surnames.
pub(crate) const COMMON_WORDS: &str = "
able absolute academy accurate ace active agape alamo all allied allstate alpha alpine ambassador
anchor angel apex apollo aqua arc arrow aspen aspire assured atlas aurora avalon avenue axiom axis bay bear
beacon benchmark best better big black blue bold bravo bridge bright brilliant bull camelot canyon capitol cardinal
cascade castle cedar centennial century certified champion channel choice citadel city classic clear cloud coast
coastal cobra colonial columbia comet commonwealth compass complete concord condor connect connection
constellation continental core cornerstone corner cosmos covenant creek crest crossroad crown
crystal cypress delta desert diamond discovery diversified dragon dream eagle early earth eclipse edge
element elite emerald empire endeavor epic equity essential evergreen evolution excel excellence falcon
family field first five flag focus force forward foundry four fox freedom frontier fusion future galaxy gateway gem gemini
genesis giant global gold golden good grand granite great green guardian habitat harbor harmony hawk heart
heritage high hill homeland horizon icon ideal imperial impact infinity inland innovate insight inspire
integrity interstate iron island ivy jet journey key keystone knight lake laurel leader legend liberty lighthouse link lion
lone lotus magic magnolia main majestic maple mark master maverick maximum meadow mercury meridian mesa metro
metropolitan micro mid midland millennium mirage mission modern monarch moon mountain mutual neo next nexus noble
nova oak oasis ocean olympic olympia omega omni one open optima optimum optimal option orion out pacific palm panther
paradigm paradise paragon paramount parallel park patriot peak pearl pegasus people perfect performance phoenix pine pinnacle
pioneer planet platinum plus point polar port prairie preferred premier premium prestige prime priority pro
professional progress progressive prospect proven pyramid quantum quest quick rainbow ranger rapid raven red
regal regency reliable reliance renaissance republic ridge right rising river road rock rocky rose royal safe sage
sapphire select senior sentinel sentry sequoia seven shield sierra sigma signature silver sky skyline
smart solid sonoma spectrum speed spirit spring star state stellar sterling stone strategic strong
success summit sun sunrise sunset sunshine superior supreme sure swift target terra three tiger titan top
tower trans tri triangle triad trident trinity triple triumph true turn twin two ultimate unified unique united
unity universal up valley value vanguard vantage vector venus veteran victory view viking village vista vital wave
white wild wilderness willow wind wise wolf wonder yellow young zenith zone
generation place clean time line zero grove downtown square little robertson non hope haven
greater fletcher day build apple alta visionary spartan silent seed pride pan over old now note
night motion middle magnet mac logic hess hudson howell foreign cross consolidated bush base brush
ford parsons simon kelley cherokee alameda nation border clarke cheng catholic jewish pueblo rio
warner charter tetra tele unlimited sea shore sharp leaf fifth fast far eco case jefferson emerson
davidson rice cogent blackhawk courtesy dynasty monument mustang nest nimbus opus origin palace
panorama passport pathway pilot portal prism radiant radius rhino rise root round savvy score
shadow shamrock signet simple sonic spark sphere spiral spruce stallion stream stride surge swan
symphony tempo thunder tide timber torch tornado trail trek typhoon ultra valiant valor velocity
vertex victor vortex voyager warrior wings wizard yellowstone zeus ally anvil argus armada artisan
ascend ascent assist aztec badger barrier bison blaze blossom bolt boost bronze cactus caliber
catalyst cobalt comfort commander copper courage cyclone dash dawn defender destiny dolphin dove
dynamo echo ember encore enigma envision everest excalibur exodus explorer forge fortress foxtrot
glacier grizzly halo helix hercules hero hornet hybrid impulse infinite insignia jaguar jade
kestrel lantern leopard lynx magna mammoth marathon matrix maxim meteor mosaic nautilus neptune
nitro nomad odyssey onyx osprey otter outlook oxford pacer pelican pillar poseidon prodigy
prometheus puma rampart raptor rebel redwood resolute sabre safari saturn scorpion scout serenity
shepherd sparrow spear spire stag stingray strata talon tempest trailblazer trillium trojan
tropical tundra turbo unison verity vertical vigilant viper virtue vulcan wasp wildcat wildfire
wolverine zephyr
adams alexander allen anderson bailey baker barnes bell bennett brooks brown bryant butler campbell
carter chavez chen clark coleman collins cook cooper cox cruz davis diaz edwards evans fisher flores foster
garcia gomez gonzalez graham gray green griffin gutierrez hall hamilton harris harrison hayes henderson
hernandez howard hughes jackson jenkins johnson jones jordan kelly kennedy kim king lee lewis long lopez
marshall martin martinez mcdonald mendoza miller mitchell moore morales morgan morris murphy murray myers
nelson nguyen ortiz owens parker patel patterson perez perry peterson phillips powell price ramirez ramos
reed reyes reynolds richardson rivera roberts robinson rodriguez rogers romero ross ruiz russell sanchez sanders
scott shaw simmons smith snyder stevens stewart sullivan taylor thomas thompson torres tran turner vargas
wagner walker wallace ward warren washington watson webb weber wells west williams wilson wong wood woods wright
";

/// States, large cities, countries and points of the compass.
pub(crate) const PLACES: &str = "
america north south east west central northeast northwest southeast southwest midwest
northeastern northwestern southeastern southwestern midwestern upper lower
alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois
indiana iowa kansas kentucky louisiana maine maryland massachusetts michigan minnesota mississippi missouri montana
nebraska nevada hampshire jersey mexico york carolina dakota ohio oklahoma oregon pennsylvania rhode
tennessee texas utah vermont virginia washington wisconsin wyoming puerto rico guam columbia
ca tx fl ny nj az nv nm ga nc sc va md dc pa oh mi il wi mn mo ks co ut wa or ak hi tn ky al ms la ar ok ia nd sd ne mt wy id
ma ct ri nh vt me wv de pr
angeles los san santa francisco diego jose antonio sacramento oakland fresno burbank pasadena glendale anaheim
hollywood beach malibu monica ana barbara bernardino riverside orange ventura bakersfield inglewood torrance
houston dallas austin worth paso laredo mcallen brownsville texan phoenix tucson scottsdale tempe mesa denver boulder
seattle tacoma spokane portland salem boise reno vegas lake albuquerque fe omaha lincoln wichita topeka tulsa
chicago springfield peoria detroit lansing cleveland columbus cincinnati toledo dayton indianapolis milwaukee madison
minneapolis paul duluth louis memphis nashville knoxville chattanooga louisville lexington atlanta savannah augusta
birmingham mobile montgomery orleans baton rouge shreveport jackson miami tampa orlando jacksonville tallahassee
lauderdale pensacola charlotte raleigh durham greensboro charleston greenville richmond norfolk alexandria arlington
fairfax baltimore annapolis philadelphia pittsburgh harrisburg newark trenton camden brooklyn manhattan bronx queens
buffalo rochester albany syracuse boston cambridge worcester hartford providence honolulu anchorage fairbanks
canada canadian ontario quebec british columbia toronto montreal vancouver mexican mexico england english
britain uk london scotland ireland irish france french paris germany german berlin munich deutschland italy italian milan
spain spanish madrid portugal switzerland swiss austria vienna netherlands dutch holland belgium brussels
denmark danish sweden swedish norway norwegian finland finnish poland polish russia russian europe european
asia asian japan japanese tokyo china chinese beijing shanghai hong kong taiwan korea korean seoul india indian
delhi singapore malaysia thailand vietnam philippine philippines indonesia australia australian sydney melbourne zealand israel
iran iraq syria libya sudan yemen lebanon oman qatar kuwait bahrain greece bulgaria romania hungary
serbia croatia slovenia slovakia czech ukraine belarus kazakhstan uzbekistan pakistan bangladesh nepal
cuba venezuela ecuador bolivia uruguay paraguay panama honduras guatemala nicaragua haiti jamaica algeria
morocco tunisia ghana ethiopia tanzania uganda zambia zimbabwe angola mozambique moscow
iranian iraqi syrian libyan greek bulgarian romanian hungarian serbian croatian ukrainian belarusian
pakistani cuban venezuelan
saudi arabia dubai egypt africa african nigeria kenya brazil argentina chile colombia peru latin
atlantic gulf coast bay area county inland hemisphere global rim
";

/// Public bodies and their parts.
pub(crate) const PUBLIC_BODIES: &str = "
administration airport authority board borough bureau city clerk commission commissioner
committee controller correction county court department director district division federal fire government governor jail
 mayor ministry municipal municipality parish parole police president probation public
regent regional republic secretary section sheriff state subdivision superintendent superior town township treasurer
tribe trustee unified village 
";

/// Given names, mostly of the United States.
pub(crate) const GIVEN_NAMES: &str = "
aaron adam adrian alan albert alejandro alex alexander alfred alice alicia allan allen allison alma alonso amanda amber amy ana
andrea andrew andy angel angela angelica anita ann anna anne annette annie anthony antonio april armando arnold arthur
ashley barbara barry beatrice ben benjamin bernard bernice beth betty beverly bill billy bob bobby bonnie brad bradley
brandon brenda brett brian bruce bryan byron calvin carl carla carlos carmen carol carolina caroline carolyn carrie catherine
cathy cecilia cesar chad charlene charles charlie cheryl chris christian christina christine christopher cindy claire
clarence claude claudia clifford clyde connie corey craig cristina crystal curtis cynthia daisy dale dan dana daniel danielle
danny darlene darrell darren darryl dave david dawn dean deanna debbie deborah debra delores denise dennis derek derrick diana
diane dolores don donald donna dora doris dorothy doug douglas duane dustin dwayne dwight earl eddie edgar edith edna
eduardo edward edwin eileen elaine eleanor elena elizabeth ella ellen elsie emily emma enrique eric erica erik erika erin ernest
ernesto esther ethel eugene eva evelyn felicia felipe felix fernando florence frances francis francisco frank franklin fred
freddie frederick fredrick gabriel gail gary gavin gene george gerald geraldine gerardo gilbert gina gladys glen glenda glenn
gloria gordon grace greg gregory guadalupe guillermo guy harold harry harvey hazel heather hector heidi helen henry
herbert herman holly horacio howard hugh ian ida irene irma isaac isabel ivan jack jackie jacob jacqueline jaime james jamie
jan jane janet janice jared jason javier jay jean jeanette jeanne jeff jeffery jeffrey jennifer jenny jeremy jerome
jerry jesse jessica jessie jesus jill jim jimmy joan joann joanne joe joel john johnny jon jonathan jorge jose joseph
josephine joshua joy joyce juan juana juanita judith judy julia julian julie julio june justin karen karl katherine kathleen kathryn
kathy katie keith kelly ken kenneth kent kerry kevin kim kimberly kirk kristen kristin kristina kurt kyle larry laura
lauren laurie lawrence leah lee leo leon leonard leroy leslie lester lewis lillian linda lisa lloyd lois lonnie lora lorena
loretta lori lorraine louis louise lucia lucille lucy luis lupe lydia lynda lynn manuel marc marcia marcus margaret margarita maria
marian marie marilyn mario marion marjorie mark marlene marsha marshall martha martin marvin mary mathew matthew maureen maurice max
megan melanie melinda melissa melvin mercedes michael micheal michele michelle miguel mike mildred milton minnie miriam misty mitchell
monica monique morris nancy naomi natalie nathan nathaniel neil nicholas nicole nina nora norma norman olga oliver oscar
pamela pat patricia patrick patsy paul paula pauline pedro peggy penny perry peter phil philip phillip phyllis rachel rafael
ralph ramon randall randy raul ray raymond rebecca regina rene renee rhonda ricardo richard rick ricky rita robert roberta roberto robin
rochelle rodney rodolfo roger roland ron ronald ronnie rosa rosalie rosario rose rosemary ross roxanne roy ruben ruby rudolph rudy russell
ruth ryan sally salvador sam samantha samuel sandra sandy santiago sara sarah saul scott sean sergio seth shane shannon sharon shaun
shawn sheila shelley shelly sheri sherri sherry sheryl shirley sidney silvia sonia sonya sophia stacey stacy stanley stella stephanie
stephen steve steven stuart sue susan suzanne sylvia tamara tammy tanya tara ted terence teresa terrance terrence terri terry
thelma theodore theresa thomas tiffany tim timothy tina todd tom tommy toni tony tonya tracey traci tracy travis troy tyler tyrone
valerie vanessa velma vera vernon veronica vicki vickie victor victoria vincent viola violet virginia vivian wade wallace walter wanda
warren wayne wendy wesley willard william willie wilma yolanda yvonne zachary
";
