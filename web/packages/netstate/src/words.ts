// Every word of the page, in English: it is for operators. Who translates it, translates this file.
import type { EdgeFacts, NodeFacts, NodeState, Role } from './feed/messages.js';
import { countText, numberText } from './graph/counts.js';
import type { Graph } from './graph/graph.js';
import { countryName } from './page/query.js';

const roles: Record<Role, string> = {
  volunteer: 'Volunteer',
  page: 'Page',
  extension: 'Extension',
  broker: 'Broker',
  egress: 'Egress',
};

const states: Record<NodeState, string> = {
  ready: 'Ready',
  helping: 'Helping',
  paused: 'Paused',
  draining: 'Leaving',
  silent: 'Silent',
};

const kMoments = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const kTimes = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });

export const words = {
  title: 'Network state',
  name: 'Footbridge',
  roles,
  states,
  moment: (at: number) => kMoments.format(at),
  time: (at: number) => kTimes.format(at),

  feed: { opening: 'Connecting…', live: 'Live', stale: 'No news', locked: 'Needs a token' },
  staleBanner: 'Nothing has been heard from netstate for a while. What you see is as it was at',
  isPrivate: 'Private network: exact counts, no delay',
  isPublic: 'Public view: at least a minute old, people in eights',

  tiles: {
    volunteer: 'Volunteers',
    page: 'Pages',
    extension: 'Extensions',
    egress: 'Egresses',
    broker: 'Brokers',
    people: 'People helped',
    sessions: 'Sessions',
    bytes: 'Traffic',
  },

  viewsLabel: 'Views',
  views: { overview: 'Overview', graph: 'Graph', world: 'World', table: 'Table', history: 'History' },

  search: 'Search',
  searchHint: 'id, country, role, tag',
  role: 'Role',
  state: 'State',
  country: 'Country',
  any: 'Any',
  clear: 'Clear',
  found: (count: number, all: number) =>
    count === all ? `${numberText(all)} nodes` : `${numberText(count)} of ${numberText(all)} nodes match`,
  notTold: 'not told',
  fewerThan: 'fewer than 8',

  overviewCaption: 'Who helps from where, through which egress',
  overviewNote:
    'How many nodes have a leg to each egress, and below it for how many people; with a + where some are too few to be told. A node with two legs stands in two columns.',
  nodes: 'Nodes',
  people: 'People',
  withoutLeg: 'No leg',
  otherEgresses: (count: number) => `${count} more`,
  allCountries: 'All countries',
  peopleOf: (text: string) => `${text} people`,
  nobodyYet: 'Nobody has reported yet',
  nobodyYetText:
    'Nodes appear here by themselves as soon as they report. Reporting is opt-in: give a volunteer, egress or broker a reporter file, made by “footbridge network reporter”.',
  nobodyFound: 'Nobody matches. Clear the search to see everybody.',

  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomFit: 'Show everybody',
  forceKeys:
    'Drag to move, scroll to zoom, press a node for details. From the keyboard: arrows, plus and minus, 0 for everybody. The Table view says the same in words.',
  forceLabel: (nodes: number, edges: number) =>
    `A graph of ${numberText(nodes)} nodes and ${numberText(edges)} legs. The table view has the same in words.`,
  legend: 'Legend',
  legendStrands: 'A line per person; wide with a number: more than five',
  legendFew: 'Fewer than 8',
  legendIdle: 'A ring: helps nobody now',

  worldCaption: 'Legs by country, from who helps to the egress',
  worldLabel: 'A map of the world with an arc for each pair of countries. The table below it says the same in words.',
  worldFrom: 'From',
  worldTo: 'To egress in',
  legs: 'Legs',
  worldUnplaced: (count: number) =>
    `${numberText(count)} nodes are of no known or no told country, so they are not on the map.`,
  worldMore: (count: number) => `and ${numberText(count)} more pairs`,

  tableCaption: 'All nodes',
  columns: {
    id: 'Id',
    role: 'Role',
    state: 'State',
    country: 'Country',
    people: 'People',
    legs: 'Legs',
    since: 'Since',
    tag: 'Tag',
  },
  previous: 'Previous',
  next: 'Next',
  pages: 'Pages of the table',
  pageOf: (page: number, all: number) => `Page ${numberText(page)} of ${numberText(all)}`,

  details: 'Details',
  close: 'Close',
  gone: 'This one is gone.',
  legsOf: 'Legs',
  noLegs: 'None at the moment.',
  moreLegs: (count: number) => `and ${numberText(count)} more`,

  historyHours: 'Period',
  hours: (hours: number) => (hours === 1 ? 'Last hour' : `Last ${hours} hours`),
  charts: {
    nodes: 'Nodes',
    people: 'People helped',
    sessions: 'Sessions',
    bytes: 'Traffic',
    churn: 'Came and left',
  },
  came: 'Came',
  left: 'Left',
  asTable: 'As a table',
  time_: 'Time',
  unavailable: 'netstate did not answer. It is asked again in a moment.',
  noHistory: 'Nothing is recorded yet.',
  stepOf: (seconds: number) => (seconds < 60 ? `${seconds} s a point` : `${Math.round(seconds / 60)} min a point`),
  meanAndRange: 'line: mean of each point; band: least to most',

  replay: 'Replay the last hour',
  replayTitle: 'Replay',
  replayAt: 'Moment',
  play: 'Play',
  pause: 'Pause',
  speed: (factor: number) => `× ${factor}`,
  backToLive: 'Back to live',
  noReplay: 'There is nothing to replay yet.',

  save: 'Save',
  saveJson: 'JSON',
  saveDot: 'DOT',
  saveSvg: 'SVG',

  tokenTitle: 'This netstate asks for a token',
  tokenText: 'Its operator has it: the content of the file that was given as --viewer-token-file.',
  token: 'Token',
  unlock: 'Show',
  tokenWrong: 'That is not the token.',
  tokenUnanswered: 'netstate cannot say whether that is the token. Try again.',

  aboutTitle: 'What this page can know, and what not',
  about: [
    'Everything here is self-reported: volunteers, pages, extensions, egresses and brokers that chose to report say it about themselves. Nobody checks it, and a page’s reporter file is public, so what stands under Pages may be made up.',
    'People who are helped never report, and nothing here comes from what they do. There is no address, no destination and no name in what this page is sent; the id of a node is random and another one each time netstate starts.',
    'A country is that of the node’s connection to netstate, looked up once and not kept. It is told only while eight of the same role are in it; the others are “Other countries”.',
    'The public view is at least a minute old, and what people cause, which is people, sessions, traffic, legs and who helps, is taken every five minutes. Their numbers are rounded down to eights, and below eight not told. A node that says nothing for a minute and a half is taken out; since when it is there is rounded to ten minutes.',
    'With --private-network nothing of this is held back, and tags are shown: then this page is for the eyes of its operators.',
  ],

  nodeLine: ({ id, role, state, country, people, tag }: NodeFacts) =>
    [`${roles[role]} ${id}`, tag ?? '', states[state], countryName(country), `${countText(people)} people`]
      .filter((part) => part !== '')
      .join(' · '),
  edgeLine: ({ from, to, people }: EdgeFacts) => `${from} to ${to}: ${countText(people)} people`,
  svgTitle: (graph: Graph) =>
    `Network state of ${kMoments.format(graph.at)}, self-reported: ${numberText(graph.nodes.size)} nodes, ${numberText(graph.edges.size)} legs`,
};
